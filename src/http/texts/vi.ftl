# Every sentence of the pages in Vietnamese. An identifier says where its text stands; a family
# (state-…, problem-…) is asked for by a word of the contract. The same identifiers stand in en.ftl.

## The frame of every page
skip-to-main = Đến nội dung chính
title-error = Lỗi:
error-mark = Lỗi:
summary-title = Chưa thực hiện được
yes = Có
no = Không
optional = (không bắt buộc)
foot-help = Cần giúp đỡ? Gọi
foot-help-counter = Cần giúp đỡ? Hãy hỏi nơi đã tiếp nhận hồ sơ của bạn.
foot-privacy = Mã hồ sơ bạn nhập chỉ dùng để tìm kết quả. Trang này không theo dõi người dùng.
problem-code = Mã lỗi:
problem-home = Về trang đầu
problem-desk = Về việc đang chờ

## Home
home-title = Tra cứu tình trạng hồ sơ
home-lead = Nhập mã hồ sơ để biết hồ sơ đang ở bước nào.
home-button = Tra cứu
home-again = Tra cứu hồ sơ khác
home-receive-title = Nhận kết quả
home-receive-text = Để giữ kín kết quả của bạn, chỉ có mã hồ sơ thì chưa tải được tệp. Bạn cần thêm đường dẫn riêng do cơ quan gửi.
home-receive-first = Mở đường dẫn trong tin nhắn, thư điện tử, trên cổng dịch vụ công, hoặc quét mã QR trên phiếu trả kết quả.
home-receive-second = Nhập mã hồ sơ in trên giấy tiếp nhận.
home-receive-third = Tải kết quả đã được cơ quan ký số.
home-receive-none = Chưa có đường dẫn? Hãy hỏi cơ quan đã tiếp nhận hồ sơ.
code-label = Mã hồ sơ
code-hint = In trên giấy tiếp nhận hồ sơ và hẹn trả kết quả. Ví dụ:
code-malformed-title = Mã hồ sơ chưa đúng dạng
code-malformed-text = Hãy xem lại mã trên giấy tiếp nhận và nhập đủ các phần, kể cả dấu chấm và dấu gạch.
code-meant = Chữ O và số 0, chữ I và số 1 dễ lẫn nhau. Có phải mã là:
throttled-title = Đã thử quá nhiều lần
throttled-text = { $minutes ->
   *[other] Hãy thử lại sau { $minutes } phút.
}
throttled-why = Giới hạn này bảo vệ kết quả của mọi người khỏi việc dò mã. Kết quả của bạn vẫn được giữ.
unavailable-title = Hệ thống đang tạm ngừng
unavailable-text = Hãy thử lại sau ít phút. Hồ sơ và kết quả của bạn vẫn được giữ nguyên.
status-of = Hồ sơ
status-not-found = Không tìm thấy hồ sơ
status-not-found-for = Không có hồ sơ nào mang mã
status-not-found-next = Hãy so lại từng chữ, từng số với giấy tiếp nhận. Hồ sơ mới nộp có thể cần thêm thời gian mới tra cứu được.
step-done = đã qua
step-here = hiện nay
step-ahead = chưa tới
fact-agency = Cơ quan
fact-telephone = Điện thoại
fact-received = Ngày tiếp nhận
fact-due = Ngày hẹn trả
fact-finished = Ngày xử lý xong
fact-returned = Ngày trả kết quả

## The ten statuses of the national portal
status-1 = Mới đăng ký
    .next = Hồ sơ đã được gửi và đang chờ cơ quan tiếp nhận.
status-2 = Được tiếp nhận
    .next = Cơ quan đã nhận hồ sơ và sắp xử lý.
status-3 = Không được tiếp nhận
    .next = Cơ quan không tiếp nhận hồ sơ. Lý do nằm trong thông báo gửi cho bạn; hãy liên hệ cơ quan để được hướng dẫn.
status-4 = Đang xử lý
    .next = Cơ quan đang giải quyết hồ sơ. Bạn chưa cần làm gì.
status-5 = Yêu cầu bổ sung giấy tờ
    .next = Hồ sơ cần thêm giấy tờ. Hãy xem phiếu yêu cầu bổ sung hoặc liên hệ cơ quan.
status-6 = Yêu cầu thực hiện nghĩa vụ tài chính
    .next = Hồ sơ chờ bạn nộp khoản phải nộp. Hãy xem thông báo của cơ quan.
status-7 = Công dân yêu cầu rút hồ sơ
    .next = Hồ sơ được rút theo yêu cầu của người nộp.
status-8 = Dừng xử lý
    .next = Cơ quan đã dừng xử lý. Lý do nằm trong thông báo gửi cho bạn; hãy liên hệ cơ quan để được hướng dẫn.
status-9 = Đã xử lý xong
    .next = Kết quả đã sẵn sàng. Hãy mở đường dẫn do cơ quan gửi và nhập mã hồ sơ để nhận.
status-10 = Đã trả kết quả
    .next = Kết quả đã được nhận. Bạn có thể mở lại đường dẫn để tải lần nữa.

## A link and what is behind it
link-title = Nhận kết quả hồ sơ
link-lead = Nhập mã hồ sơ để tải kết quả đã được cơ quan ký số.
link-button = Nhận kết quả
link-where-title = Mã hồ sơ nằm ở đâu?
link-where-text = Mã nằm dưới tên giấy tiếp nhận hồ sơ và hẹn trả kết quả mà bạn được giao khi nộp hồ sơ, hoặc trong tin nhắn, thư điện tử báo đã tiếp nhận. Nhập chữ thường hay chữ hoa đều được.
link-where-drawing = Hình vẽ giấy tiếp nhận: mã hồ sơ nằm ở giữa, dưới tên giấy.
refused-title = Chưa mở được kết quả
refused-text = Mã hồ sơ và đường dẫn này không khớp nhau, hoặc kết quả chưa sẵn sàng.
refused-field = Mã hồ sơ không đúng với đường dẫn này.
refused-check-receipt = So lại từng chữ, từng số với giấy tiếp nhận hồ sơ.
refused-check-link = Kiểm tra xem đường dẫn có đúng là của hồ sơ này không.
refused-call = Vẫn chưa được? Hãy thử lại sau, hoặc gọi
files-page-title = Kết quả của bạn
files-signed = Đã ký số, tệp nguyên vẹn
files-signed-by = { $signer } ký số lúc
at-time-on-date = { $time } ngày { $date }
files-intact = Tệp không bị thay đổi từ khi ký.
files-heading = { $count ->
   *[other] { $count } tệp
}
file-main = Văn bản chính
file-attachment = Phụ lục
files-download = Tải về
files-download-name = Tải về { $name }
files-open-until = Trang này có hiệu lực đến { $time }. Sau đó, hãy mở lại đường dẫn và nhập mã hồ sơ: bạn có thể tải lại nhiều lần.
files-call = Nội dung chưa đúng? Gọi cơ quan:
files-see-title = Xem chữ ký số như thế nào?
files-see-text = Mở tệp bằng phần mềm đọc PDF có bảng chữ ký (ví dụ Adobe Acrobat Reader, Foxit Reader), rồi mở mục Chữ ký. Tên cơ quan và thời điểm ký hiện ở đó. Bản in chỉ là bản sao: giá trị pháp lý nằm trong tệp.
files-see-digest = Dấu vân tay SHA-256 của từng tệp, để đối chiếu khi cần:

## Portals
frame-opens = Kết quả mở trong một thẻ mới.

## The officer's desk
desk-places = Các mục làm việc
desk-logout = Đăng xuất
place-waiting = Cần ký
place-waiting-count = { $count ->
   *[other] { $count } kết quả đang chờ
}
place-publish = Phát hành
place-results = Kết quả
login-title = Đăng nhập
login-lead = Dành cho cán bộ phát hành và ký số kết quả.
login-name = Tên đăng nhập
login-password = Mật khẩu
login-button = Đăng nhập
login-lost = Quên mật khẩu? Hãy liên hệ quản trị viên của cơ quan.
login-wrong = Tên đăng nhập hoặc mật khẩu không đúng.
login-throttled = { $minutes ->
   *[other] Đã thử quá nhiều lần. Hãy thử lại sau { $minutes } phút.
}
login-ended = Phiên làm việc đã hết. Hãy đăng nhập lại; việc vừa rồi chưa được thực hiện.
waiting-title = Cần ký
waiting-lead = { $count ->
   *[other] { $count } kết quả chờ văn thư xem và ký số. Kết quả nhận trước xếp trước.
}
waiting-lead-other = { $count ->
   *[other] { $count } kết quả đang chờ văn thư của cơ quan ký số.
}
waiting-none = Không có kết quả nào chờ ký.
waiting-open = Xem và ký số
waiting-open-name = Xem và ký số: { $title }
waiting-see = Xem
waiting-see-name = Xem: { $title }
waiting-all = Xem tất cả kết quả chờ ký
held-title = Tạm giữ, cần xử lý
held-lead = Những kết quả này chưa ký được. Mỗi kết quả cần một người xem.
column-result = Kết quả
column-received = Nhận lúc
column-look = Cần lưu ý
column-act = Việc làm
column-state = Trạng thái
look-nothing = Không
look-warnings = { $count ->
   *[other] Có { $count } nội dung cần xác nhận
}
results-title = Kết quả
results-search = Tìm theo mã hồ sơ
results-search-button = Tìm
results-search-none = Không có kết quả nào của cơ quan mang mã này.
results-filter = Lọc theo trạng thái
results-all = Tất cả
results-none = Không có kết quả nào ở đây.
results-more = Xem tiếp
handed-over-short = Người nhận đã nhận { $date }

## Publishing
publish-title = Phát hành kết quả
publish-lead = Tải lên văn bản đã được người có thẩm quyền ký. Văn thư sẽ xem và ký số của cơ quan trước khi trả kết quả.
publish-files = Tệp kết quả
publish-main = Văn bản chính
publish-main-hint = Tệp PDF. Tất cả các tệp cộng lại không quá { $size }.
publish-choose-again = Vì an toàn, trình duyệt không giữ lại tệp: hãy chọn lại.
publish-drop = hoặc kéo tệp PDF thả vào đây
publish-attachments = Phụ lục
publish-attachments-hint = { $count ->
   *[other] Tệp PDF, nhiều nhất { $count } tệp. Mỗi phụ lục cũng được ký số.
}
publish-dossier = Hồ sơ
publish-code-hint = Nếu tên tệp có mã hồ sơ, mã được điền sẵn. Ví dụ:
publish-result-title = Tên kết quả
publish-result-title-hint = Người nhận thấy tên này và tệp mang tên này. Không ghi tên người.
fact-number = Số, ký hiệu
optional-unless-mark = (bắt buộc khi in dấu hiển thị)
publish-number-hint = Số và ký hiệu của văn bản. Ví dụ:
fact-procedure = Thủ tục
fact-appearance = Dấu hiển thị
publish-contact = Liên hệ người nhận
publish-contact-hint = Được mã hóa khi lưu.
publish-phone = Số điện thoại
publish-email = Thư điện tử
publish-button = Tải lên và kiểm tra
publish-after = Tệp được kiểm tra ngay. Chưa có gì được trao cho đến khi văn thư ký số.
appearance-none = Không hiển thị
    .next = Chữ ký số nằm trong tệp, trang không thay đổi.
appearance-attachment = Số, ký hiệu và thời gian ký
    .next = In ở góc trên bên phải trang đầu, theo Phụ lục I Nghị định 30/2020/NĐ‑CP.
appearance-seal = Hình con dấu của cơ quan
    .next = Màu đỏ, kích thước thực, chờm một phần ba về bên trái hình chữ ký của người ký.
appearance-copy = Dấu của bản sao điện tử
    .next = Hình con dấu, hình thức sao, tên cơ quan và thời gian ký ở góc trên bên phải trang đầu.
appearance-own = Mẫu dấu của cơ quan.
mark-page = Trang { $number }
mark-page-last = Trang cuối
mark-at = { $page }, { $place }.
mark-frame = trong khung { $size } mm, cách mép trái và mép trên { $from } mm
beside-below = ngay dưới dòng chữ “{ $words }”
beside-above = ngay trên dòng chữ “{ $words }”
beside-left = bên trái dòng chữ “{ $words }”
beside-right = bên phải dòng chữ “{ $words }”
beside-over = đè lên dòng chữ “{ $words }”
mark-field = Trong ô chữ ký “{ $name }” có sẵn của tệp.
mark-over = Chờm một phần ba về bên trái hình chữ ký mới nhất nhìn thấy được, trên trang có chữ ký đó.
mark-annex = Các tệp kèm theo mang số, ký hiệu và thời gian ký ở góc trên bên phải trang đầu.
mark-image = Hình con dấu sẽ in
mark-missing-template = Mẫu dấu này không còn. Hãy trả lại kết quả, hoặc báo quản trị viên đặt lại mẫu.
mark-missing-seal-image = Hình con dấu không còn. Hãy trả lại kết quả, hoặc báo quản trị viên đặt lại hình.
spot-top-left = góc trên bên trái
spot-top = giữa mép trên
spot-top-right = góc trên bên phải
spot-left = giữa mép trái
spot-center = giữa trang
spot-right = giữa mép phải
spot-bottom-left = góc dưới bên trái
spot-bottom = giữa mép dưới
spot-bottom-right = góc dưới bên phải

## Sealing
seal-title = Xem và ký số
seal-look = Tệp như đã nhận
seal-frame = Tệp đang xem
seal-open-alone = Mở tệp trong thẻ riêng
fact-code = Mã hồ sơ
fact-sent-by = Người gửi
fact-identity = Chứng thư số
fact-policy = Điều kiện nhận
identity-issued = { $issuer } cấp, có hiệu lực đến { $date }
identity-none = Cơ quan chưa có chứng thư số
seal-findings = Kết quả kiểm tra tệp
pages-count = { $count ->
   *[other] { $count } trang
}
findings-none = Tệp đọc được trọn vẹn, không thấy điều gì cần lưu ý. Tệp chưa có chữ ký nào.
seal-earlier = { $count ->
   *[other] { $count } chữ ký có trước
}
signature-at = Ký lúc { $moment }
signature-details = Chi tiết
signature-intact = Nguyên vẹn
signature-covers = Phạm vi
signature-changes = Thay đổi sau khi ký
signature-chain = Chuỗi chứng thư
signature-revocation = Thu hồi chứng thư
signature-level = Mức
warnings-title = Xác nhận trước khi ký
warnings-lead = Theo Điều 32 Nghị định 30/2020/NĐ‑CP, văn thư trực tiếp ký số của cơ quan và chỉ ký vào văn bản đã được người có thẩm quyền ký. Hãy xác nhận từng điều:
warnings-unconfirmed = Chưa xác nhận đủ. Hãy đọc và đánh dấu từng điều, hoặc trả lại kết quả.
seal-consequence = Khi bạn bấm nút, tệp được ký số của cơ quan đúng như đang hiển thị và kết quả được mở cho người nhận.
seal-button = Ký số và phát hành
seal-return = Trả lại, không ký
seal-manifest = Mã băm (SHA-256) của nội dung đang hiển thị
seal-manifest-text = Việc ký gắn với đúng các tệp, mã hồ sơ và chứng thư ở trên. Nếu có gì thay đổi, hệ thống không ký.
verdict-good = Nguyên vẹn và đáng tin
    .next = Nội dung đúng như khi ký; chứng thư thuộc nguồn tin cậy và còn hiệu lực.
verdict-unchecked = Nguyên vẹn, chưa tra thu hồi
    .next = Nội dung đúng như khi ký. Chưa tra được chứng thư có bị thu hồi hay không.
verdict-untrusted = Nguyên vẹn, chưa rõ nguồn
    .next = Nội dung đúng như khi ký, nhưng chứng thư không thuộc nguồn tin cậy đã cài đặt.
verdict-unfit = Nguyên vẹn, chứng thư có vấn đề
    .next = Nội dung đúng như khi ký, nhưng chứng thư không dùng được vào lúc ký.
verdict-revoked = Chứng thư đã bị thu hồi
    .next = Chứng thư của chữ ký này đã bị thu hồi.
verdict-broken = Không nguyên vẹn
    .next = Tệp đã bị thay đổi sau chữ ký này, hoặc chữ ký không đọc được.
covers-whole-file = Toàn bộ tệp
covers-revision = Phiên bản khi ký
covers-part = Một phần của tệp
changes-none = Không có
changes-permitted = Chỉ có thay đổi được phép
changes-suspicious = Có thay đổi đáng ngờ
chain-trusted = Tin cậy
chain-untrusted = Không thuộc nguồn tin cậy
chain-broken = Không dựng được
revocation-good = Không bị thu hồi
revocation-revoked = Đã bị thu hồi
revocation-unknown = Không rõ
revocation-not-checked = Chưa tra
warning-no-earlier-signature = Tệp chưa có chữ ký số của người có thẩm quyền. Tôi đã xem bản gốc và xác nhận văn bản được phép ban hành.
warning-earlier-signature-broken = Có chữ ký trước không nguyên vẹn. Tôi đã kiểm tra và xác nhận nội dung tệp là đúng.
warning-earlier-signature-untrusted = Có chữ ký trước mà nguồn chứng thư chưa được tin cậy. Tôi đã xác minh người ký.
warning-revocation-not-checked = Chưa tra được tình trạng thu hồi của chứng thư trên chữ ký trước. Tôi chịu trách nhiệm kiểm tra.

## What the intake finds in a file
finding-javascript = Tệp có mã JavaScript
    .next = Phần mềm đọc có thể chạy mã này và thay đổi cách hiển thị.
finding-launch-action = Tệp có lệnh chạy chương trình khác
    .next = Văn bản ban hành không nên có lệnh này. Nên xuất lại tệp.
finding-embedded-files = Tệp có tệp khác đính kèm bên trong
    .next = Tệp bên trong cũng được giao cho người nhận.
finding-xfa = Tệp là biểu mẫu XFA
    .next = Nội dung có thể hiển thị khác nhau tùy phần mềm.
finding-rich-media = Tệp có phim, âm thanh hoặc nội dung động
    .next = Nội dung này không in ra được.
finding-optional-content-hidden = Tệp có lớp nội dung bị ẩn
    .next = Người nhận có thể bật lên và thấy nội dung khác với trang đang xem.
finding-hidden-annotation = Tệp có chú thích bị ẩn
    .next = Người nhận có thể thấy chú thích này.
finding-external-action = Tệp có lệnh gửi dữ liệu hoặc mở tệp bên ngoài
    .next = Văn bản ban hành không nên có lệnh này. Nên xuất lại tệp.
finding-external-content = Tệp hiển thị nội dung nằm ngoài tệp
    .next = Nội dung hiển thị có thể thay đổi về sau. Nên xuất lại tệp.
finding-usage-rights = Tệp có quyền sử dụng do hãng phần mềm cấp cho phần mềm đọc
    .next = Một số phần mềm đọc sẽ cảnh báo tệp đã bị thay đổi.
finding-open-action = Tệp có lệnh tự chạy khi mở
    .next = Văn bản ban hành không nên có lệnh này. Nên xuất lại tệp.
finding-additional-action = Tệp có lệnh tự chạy theo sự kiện
    .next = Văn bản ban hành không nên có lệnh này. Nên xuất lại tệp.
finding-content-changed-after = Nội dung bị thay đổi sau chữ ký
finding-hole-not-one-string = Chỗ chứa chữ ký không đúng dạng
finding-hole-elsewhere = Chỗ chứa chữ ký nằm ngoài đối tượng chữ ký
finding-byte-range-malformed = Phạm vi ký không đúng dạng
finding-byte-range-not-from-start = Phạm vi ký không bắt đầu từ đầu tệp
finding-byte-range-overlaps = Các phần của phạm vi ký chồng lên nhau
finding-byte-range-beyond-file = Phạm vi ký vượt quá tệp
finding-not-a-revision = Phần được ký không phải một phiên bản trọn vẹn
finding-covers-part = Chữ ký chỉ bao phủ một phần tệp
finding-sub-filter-unsupported = Loại chữ ký chưa được hỗ trợ
finding-cms-malformed = Dữ liệu chữ ký không đọc được
finding-padding-not-zero = Có dữ liệu lạ sau chữ ký
finding-digest-mismatch = Nội dung không khớp với chữ ký
finding-signature-mismatch = Chữ ký không khớp với khóa
finding-algorithm-unsupported = Thuật toán chưa được hỗ trợ
finding-weak-digest = Thuật toán băm yếu
finding-signer-certificate-missing = Thiếu chứng thư của người ký
finding-certificate-reference-mismatch = Chứng thư không phải là chứng thư đã được ký kèm
finding-key-usage-unfit = Chứng thư không dùng để ký
finding-no-trusted-root = Không dẫn tới nguồn tin cậy
finding-certificate-expired = Chứng thư đã hết hạn khi ký
finding-certificate-not-yet-valid = Chứng thư chưa có hiệu lực khi ký
finding-weak-certificate = Chứng thư dùng khóa hoặc thuật toán yếu
finding-chain-broken = Chuỗi chứng thư bị gãy
finding-signing-time-missing = Không có thời điểm ký
finding-signing-time-in-future = Thời điểm ký ở tương lai
finding-time-stamp-invalid = Dấu thời gian không hợp lệ
finding-not-as-sealed = Tệp không còn như khi được ký

## The states of a result
state-received = Chờ ký số
    .next = Tệp đã được nhận và kiểm tra. Văn thư cần xem và ký số.
state-returned = Đã trả lại
    .next = Văn thư đã trả lại kết quả này. Có thể phát hành lại với cùng mã hồ sơ.
state-approved = Đã duyệt
    .next = Văn thư đã duyệt. Hệ thống sắp ký số.
state-signing = Đang ký số
    .next = Hệ thống đang ký số. Có thể đóng trang này, việc vẫn tiếp tục.
state-held = Tạm giữ
    .next = Chưa ký được. Cần một người xem và quyết định.
state-stored = Đã ký số
    .next = Tệp đã ký nằm trong kho và sắp được mở cho người nhận.
state-released = Đã phát hành
    .next = Người có đường dẫn và mã hồ sơ nhận được kết quả.
state-replaced = Đã được thay thế
    .next = Một kết quả khác đã thay thế kết quả này. Đường dẫn không còn trả tệp.
state-withdrawn = Đã thu hồi
    .next = Đường dẫn không còn trả tệp. Có thể phát hành lại với cùng mã hồ sơ.

## A result
result-again = Tải lại trang để xem tiến độ
result-reason = Lý do:
result-link = Đường dẫn cho người nhận
result-link-label = Gửi đường dẫn này cho người nhận; họ mở bằng mã hồ sơ.
copy-link = Sao chép đường dẫn
copied = Đã sao chép
result-slip = In phiếu trả kết quả
handed-over = Người nhận đã nhận lần đầu lúc { $moment }.
not-handed-over = Người nhận chưa mở.
result-facts = Thông tin
result-files = Tệp
result-story = Diễn biến
result-acts = Việc có thể làm
file-see-received = Xem tệp đã nhận
file-take-sealed = Tải tệp đã ký ({ $size })
file-sealed-by = { $signer } ký số lúc
file-findings = Kết quả kiểm tra và dấu vân tay
file-received-digest = SHA-256 khi nhận
file-sealed-digest = SHA-256 sau khi ký
file-level = Cấp chữ ký số
level-b = Cơ bản (B-B): kiểm tra được khi chứng thư còn hạn
level-t = Có dấu thời gian (B-T)
level-lt = Kèm dữ liệu để kiểm tra về sau (B-LT)
level-lta = Lưu trữ lâu dài (B-LTA): kiểm tra được nhiều chục năm
result-evidence = Tải chứng cứ chữ ký số (ZIP)
policy-link = Đường dẫn và mã hồ sơ
policy-pin = Mã hồ sơ và mã PIN
policy-link-pin = Đường dẫn, mã hồ sơ và mã PIN
policy-code = Chỉ cần mã hồ sơ
story-evidence = Bằng chứng

## Acts
act-return = Trả lại, không ký
    .next = Kết quả về lại người gửi để sửa. Chưa có gì được trao cho người nhận.
act-return-first = Kết quả này không ký được nữa; người gửi phát hành lại với cùng mã hồ sơ.
act-return-second = Lý do được ghi lại và người gửi thấy lý do.
act-return-hint = Nói rõ cần sửa gì, ví dụ: thiếu chữ ký của người có thẩm quyền.
act-return-button = Trả lại
act-withdraw = Thu hồi kết quả
    .next = Người nhận không tải được nữa, ngay từ lúc này.
act-withdraw-first = Đường dẫn ngừng trả tệp ngay. Các trang đang mở cũng đóng.
act-withdraw-second = Tệp đã tải về máy người nhận thì không lấy lại được: cơ quan phải thông báo thu hồi theo Điều 18 Nghị định 30/2020/NĐ‑CP.
act-withdraw-third = Không hoàn tác được. Có thể phát hành kết quả mới với cùng mã hồ sơ, bằng đường dẫn mới.
act-withdraw-hint = Lý do được lưu trong hồ sơ. Không ghi thông tin cá nhân.
act-withdraw-button = Thu hồi kết quả
act-relink = Cấp đường dẫn mới
    .next = Khi đường dẫn cũ bị lộ hoặc bị thử sai quá nhiều lần.
act-relink-first = Đường dẫn cũ ngừng hoạt động ngay. Mã hồ sơ và tệp giữ nguyên.
act-relink-second = Phải gửi đường dẫn mới cho người nhận.
act-relink-button = Cấp đường dẫn mới
act-retry = Ký lại
    .next = Khi nguyên nhân tạm giữ đã được khắc phục.
act-retry-first = Hệ thống ký lại đúng các tệp đã được duyệt.
act-retry-second = Nếu nguyên nhân vẫn còn, kết quả lại bị tạm giữ và không mất gì.
act-retry-button = Ký lại
act-reason = Lý do
back-to-result = Về trang kết quả
act-back = Quay lại, không làm gì

## The slip
slip-title = Phiếu trả kết quả
slip-first = Quét mã QR bằng điện thoại, hoặc mở địa chỉ:
slip-second = Nhập mã hồ sơ in trên giấy tiếp nhận hồ sơ và hẹn trả kết quả.
slip-third = Tải kết quả đã được cơ quan ký số.
slip-keep = Giữ phiếu này riêng với giấy tiếp nhận: ai có cả hai đều tải được kết quả.
slip-call = Cần giúp đỡ? Gọi
slip-printed = In ngày { $date }
slip-print = In phiếu
slip-print-hint = Hoặc dùng lệnh in của trình duyệt. Phần này không được in.

## Problems, by their stable codes
problem-request-malformed = Yêu cầu không đúng dạng
    .next = Hãy tải lại trang và làm lại; phần mềm gọi API thì phải sửa yêu cầu.
problem-unauthenticated = Cần đăng nhập
    .next = Hãy đăng nhập rồi làm lại.
problem-forbidden = Không được phép
    .next = Tài khoản của bạn không có quyền làm việc này. Hãy hỏi quản trị viên của cơ quan.
problem-not-found = Không có trang này
    .next = Địa chỉ không đúng, hoặc trang đã đóng sau thời gian cho phép. Nếu bạn đang nhận kết quả, hãy mở lại đường dẫn và nhập mã hồ sơ.
problem-file-too-large = Tệp quá lớn
    .next = Các tệp cộng lại vượt giới hạn. Hãy giảm dung lượng ảnh quét (200 dpi là đủ) rồi tải lên lại.
problem-unavailable = Hệ thống đang tạm ngừng
    .next = Hãy thử lại sau ít phút. Những gì đã được nhận vẫn được giữ nguyên.
problem-field-invalid = Có mục điền chưa đúng
    .next = Hãy xem lại các mục đã điền.
problem-not-signed = Tệp chưa được người có thẩm quyền ký
    .next = Cơ quan ký số tự động chỉ nhận tệp đã có chữ ký số. Hãy ký rồi tải lên lại.
problem-identity-unfit = Chứng thư số của cơ quan không dùng được
    .next = Chứng thư đã hết hạn, chưa có hiệu lực hoặc không dùng để ký. Hãy báo quản trị viên.
problem-level-not-reached = Chưa đạt mức chữ ký yêu cầu
    .next = Chữ ký đã có vẫn hợp lệ. Hãy chạy lại trao extend khi máy chủ dấu thời gian hoặc máy chủ thu hồi trả lời.
problem-not-pdf = Tệp này không phải là PDF
    .next = Hãy xuất văn bản thành PDF rồi tải lên lại.
problem-pdf-damaged = Tệp PDF bị hỏng
    .next = Hãy xuất lại PDF từ phần mềm soạn thảo rồi tải lên lại.
problem-pdf-encrypted = Tệp PDF có mật khẩu
    .next = Hãy bỏ mật khẩu của tệp rồi tải lên lại.
problem-pdf-no-pages = Tệp PDF không có trang nào
    .next = Hãy xuất lại PDF từ phần mềm soạn thảo rồi tải lên lại.
problem-pdf-locked = Tệp PDF không cho ký thêm
    .next = Một chữ ký trước đã khóa tệp. Hãy ký lại bản gốc ở chế độ cho phép ký tiếp, hoặc chọn không hiển thị dấu.
problem-pdf-active-content = Tệp PDF có nội dung động hoặc bị ẩn mà nơi này không nhận
    .next = Hãy in tệp ra PDF mới rồi tải lên lại.
problem-pdf-too-complex = Tệp PDF quá phức tạp
    .next = Hãy in tệp ra PDF mới rồi tải lên lại.
problem-code-malformed = Mã hồ sơ chưa đúng dạng
    .next = Hãy nhập đúng mã in trên giấy tiếp nhận, kể cả dấu chấm và dấu gạch.
problem-document-number-missing = Thiếu số, ký hiệu văn bản
    .next = Dấu hiển thị cần số và ký hiệu. Hãy điền, hoặc chọn không hiển thị.
problem-appearance-unusable = Dấu hiển thị này chưa dùng được
    .next = Mẫu dấu hoặc hình con dấu không có. Hãy chọn cách hiển thị khác, hoặc báo quản trị viên của cơ quan.
problem-appearance-misfit = Dấu hiển thị không đặt được vào tệp này
    .next = Tệp không có chữ ký nhìn thấy được, ô chữ ký, trang hoặc chỗ mà dấu cần. Hãy chọn cách hiển thị khác.
problem-template-invalid = Mẫu dấu không dùng được
    .next = Hãy sửa mẫu theo tài liệu rồi đặt lại.
problem-image-invalid = Hình con dấu không dùng được
    .next = Hãy dùng tệp PNG nền trong suốt, không quá 2 MiB và 4 triệu điểm ảnh.
problem-policy-too-weak = Điều kiện nhận quá lỏng
    .next = Thủ tục này đòi điều kiện chặt hơn để nhận kết quả.
problem-idempotency-conflict = Yêu cầu này đã được gửi với nội dung khác
    .next = Hãy tải lại trang và làm lại từ đầu.
problem-dossier-has-result = Hồ sơ này đã có kết quả khác
    .next = Hãy tìm kết quả đó theo mã hồ sơ. Muốn đổi tệp thì thu hồi kết quả cũ trước.
problem-manifest-changed = Kết quả đã thay đổi từ khi bạn mở trang
    .next = Chưa có gì được ký. Hãy xem lại nội dung dưới đây rồi quyết định.
problem-state-conflict = Trạng thái đã thay đổi
    .next = Người khác hoặc hệ thống đã xử lý kết quả này. Hãy xem trạng thái hiện nay dưới đây.
problem-idempotency-in-flight = Yêu cầu này đang được xử lý
    .next = Hãy đợi ít giây rồi tải lại trang.
problem-not-released = Chưa mở được kết quả
    .next = Mã hồ sơ và đường dẫn không khớp nhau, hoặc kết quả chưa sẵn sàng. Hãy so lại với giấy tiếp nhận.
problem-too-many-requests = Đã thử quá nhiều lần
    .next = Hãy đợi ít phút rồi thử lại.

## The story of a result, and what proves it
story-received = Tệp được nhận và kiểm tra
story-approved = Văn thư duyệt để ký số
story-returned = Văn thư trả lại
story-signing = Bắt đầu ký số
story-stored = Đã ký số và lưu vào kho
story-released = Kết quả được phát hành
story-handed-over = Người nhận đã nhận kết quả
story-held = Bị tạm giữ
story-retried = Yêu cầu ký lại
story-relinked = Cấp đường dẫn mới
story-withdrawn = Thu hồi
story-replaced = Được thay thế
actor-service = Hệ thống
actor-operator = Người vận hành
actor-requester = Người nhận
actor-key = Phần mềm kết nối
evidence-received = SHA-256 khi nhận
evidence-manifest = Dấu vân tay đã duyệt
evidence-warnings = Đã xác nhận
evidence-certificate = SHA-256 của chứng thư
evidence-sealed = SHA-256 sau khi ký
evidence-code = Nguyên nhân
evidence-reason = Lý do

## Why a result is held, returned or withdrawn, by the stable code
reason-identity-unfit = Chứng thư số của cơ quan không dùng được.
    .next = Chứng thư hết hạn, chưa có hiệu lực, không dùng để ký hoặc chưa có. Quản trị viên cần cài chứng thư dùng được, sau đó bấm Ký lại.
reason-certificate-revoked = Chứng thư số đã bị thu hồi.
    .next = Tổ chức chứng thực đã thu hồi chứng thư số của cơ quan. Quản trị viên cần cài chứng thư mới, sau đó bấm Ký lại.
reason-manifest-changed = Chứng thư hoặc nội dung đã thay đổi từ khi duyệt.
    .next = Bấm Ký lại để duyệt theo chứng thư hiện nay, hoặc thu hồi kết quả.
reason-appearance-misfit = Dấu hiển thị không đặt được vào tệp.
    .next = Không có gì được ký. Hãy đặt lại mẫu dấu rồi bấm Ký lại, hoặc thu hồi kết quả này và phát hành với cách hiển thị khác.
reason-seal-failed = Tệp đã ký không qua được bước tự kiểm tra.
    .next = Không có gì được phát hành. Hãy xuất lại tệp PDF, thu hồi kết quả này rồi phát hành lại.
reason-tries-spent = Đã thử ký nhiều lần mà không được.
    .next = Quản trị viên cần xem nhật ký hệ thống. Khi nguyên nhân đã hết, bấm Ký lại.
reason-object-lost = Tệp trong kho bị mất hoặc bị thay đổi.
    .next = Hãy báo quản trị viên ngay. Kết quả không được trao cho ai cho đến khi tệp được khôi phục.
reason-child-died = Tệp làm dừng tiến trình đọc nhiều lần.
    .next = Tệp có thể bị hỏng. Hãy xuất lại PDF, thu hồi kết quả này rồi phát hành lại.
reason-returned = Văn thư đã trả lại.
reason-withdrawn = Cơ quan đã thu hồi.
reason-replaced = Đã được thay thế.

## Dòng lệnh
problem-file-unreadable = Không đọc được tệp
    .next = Hãy xem lại tên tệp và quyền đọc.
problem-some-failed = Có tệp không xử lý được
problem-no-anchor = Chưa có chứng thư gốc nào để tin cậy
verify-valid = chữ ký hợp lệ
verify-not-valid = chữ ký KHÔNG hợp lệ hoặc không rõ
verify-unsigned = tệp không có chữ ký
verify-intact = Còn nguyên vẹn
verify-broken = KHÔNG còn nguyên vẹn
verify-covers = phạm vi: { $value }
verify-changes = sau khi ký: { $value }
verify-chain = chuỗi chứng thư: { $value }
verify-revocation = thu hồi: { $value }
verify-level = mức { $value }
demo-heading = Một kết quả mẫu đã được ký số và phát hành.
demo-link = Đường dẫn
demo-code = Mã hồ sơ
demo-officer = Trang cán bộ
demo-login = Tên đăng nhập
demo-password = Mật khẩu
demo-signed = Tệp đã ký
demo-root = Chứng thư gốc
demo-stop = Nhấn Ctrl-C để dừng.

## Certificate of the agency, where it ends soon
certificate-quarter = Chứng thư số của cơ quan sắp hết hạn.
certificate-month = Chứng thư số của cơ quan sắp hết hạn trong tháng tới.
certificate-week = Chứng thư số của cơ quan hết hạn trong vài ngày tới!
certificate-over = Chứng thư số của cơ quan đã hết hạn: kết quả mới đang bị giữ lại.
certificate-not-yet-valid = Chứng thư số của cơ quan chưa có hiệu lực: kết quả mới đang bị giữ lại.
certificate-key-usage = Chứng thư số của cơ quan không dùng để ký: kết quả mới đang bị giữ lại.
certificate-weak-key = Khóa của chứng thư số quá ngắn: kết quả mới đang bị giữ lại.
certificate-unreadable = Không đọc được chứng thư số của cơ quan: kết quả mới đang bị giữ lại.
certificate-end = Ngày hết hạn: { $date }.
certificate-days = Còn { $days } ngày.
certificate-next = Hãy báo quản trị viên xin cấp chứng thư mới và cài vào hệ thống.
