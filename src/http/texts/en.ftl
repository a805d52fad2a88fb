# Every sentence of the pages in English, written afresh. The same identifiers stand in vi.ftl.

## The frame of every page
skip-to-main = Skip to main content
title-error = Error:
error-mark = Error:
summary-title = That did not work
yes = Yes
no = No
optional = (optional)
foot-help = Need help? Call
foot-help-counter = Need help? Ask at the place where you handed in your dossier.
foot-privacy = The code you type is used to find the result and for nothing else. This site does not track you.
problem-code = Error code:
problem-home = Go to the first page
problem-desk = Go to what is waiting

## Home
home-title = Where does my dossier stand?
home-lead = Type the dossier code to see how far it has come.
home-button = Look it up
home-again = Look up another dossier
home-receive-title = Receive a result
home-receive-text = To keep your result private, this site does not hand out a file for the dossier code alone. You also need the personal link that the agency sent you.
home-receive-first = Open the link in the text message, the e-mail or the public service portal, or scan the QR code on the result slip.
home-receive-second = Type the dossier code printed on your receipt.
home-receive-third = Download the result, signed by the agency.
home-receive-none = No link yet? Ask the agency that accepted your dossier.
code-label = Dossier code
code-hint = Printed on the receipt and appointment slip. Example:
code-empty-title = No dossier code was typed
code-empty-text = Type the dossier code printed on your receipt.
code-malformed-title = That does not look like a dossier code
code-malformed-text = Check the code on your receipt and type all of it, with its dots and dashes.
code-meant = O and 0, I and 1 are easily mixed up. Is the code perhaps:
throttled-title = Too many tries
throttled-text = Try again in { $wait }.
wait-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
wait-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
throttled-why = This limit keeps everybody’s results safe from guessing. Your result is still there.
unavailable-title = The service is not available
unavailable-text = Try again in a few minutes. Your dossier and your result are safe.
status-of = Dossier
status-not-found = Dossier not found
status-not-found-for = There is no dossier with the code
status-not-found-next = Compare every letter and digit with your receipt. A dossier handed in lately may take some time to appear.
step-done = done
step-here = now
step-ahead = to come
fact-agency = Agency
fact-telephone = Telephone
fact-received = Accepted on
fact-due = Promised for
fact-finished = Decided on
fact-returned = Handed over on

## The ten statuses of the national portal
status-1 = Registered
    .next = The dossier has been sent and waits to be accepted.
status-2 = Accepted
    .next = The agency has accepted the dossier and will start on it soon.
status-3 = Not accepted
    .next = The agency did not accept the dossier. The notice sent to you says why; contact the agency for advice.
status-4 = In progress
    .next = The agency is working on the dossier. There is nothing you need to do.
status-5 = More papers needed
    .next = The dossier needs further papers. See the request sent to you, or contact the agency.
status-6 = Payment needed
    .next = The dossier waits for a payment. See the agency’s notice.
status-7 = Withdrawn by the applicant
    .next = The dossier was taken back at the applicant’s request.
status-8 = Stopped
    .next = The agency has stopped work on the dossier. The notice sent to you says why; contact the agency for advice.
status-9 = Decided
    .next = The result is ready. Open the link from the agency and type the dossier code to receive it.
status-10 = Result handed over
    .next = The result has been received. You can open the link again to download it once more.

## A link and what is behind it
link-title = Receive your result
link-lead = Type the dossier code to download the result, signed by the agency.
link-button = Receive the result
link-where-title = Where do I find the dossier code?
link-where-text = It stands below the heading of the receipt and appointment slip that you were given when you handed in your dossier, or in the message that confirmed it. Capital and small letters are the same.
link-where-drawing = A drawing of the receipt: the dossier code stands in the middle, below the heading.
refused-title = The result could not be opened
refused-text = The dossier code and this link do not belong together, or the result is not ready yet.
refused-field = This code does not open the result behind this link.
refused-check-receipt = Compare every letter and digit with your receipt.
refused-check-link = Check that the link is the one for this dossier.
refused-call = Still stuck? Try again later, or call
files-page-title = Your result
files-signed = Digitally signed and intact
files-signed-over = Digitally signed by the agency
files-doubted = The file also holds a signature made before, which a PDF reader may call invalid. The agency knew this when it signed; ask the agency if you would like to know more.
files-signed-by = Signed by { $signer } at
at-time-on-date = { $time } on { $date }
files-intact = The file has not changed since it was signed.
files-heading = { $count ->
    [one] { $count } file
   *[other] { $count } files
}
file-main = Main document
file-attachment = Attachment
files-download = Download
files-download-name = Download { $name }
files-open-until = This page stays open until { $time }. After that, open the link again and type the code: you may receive the result as often as you like.
files-call = Something wrong in the document? Call the agency:
files-see-title = How do I see the signature?
files-see-text = Open the file in a PDF reader with a signature panel (Adobe Acrobat Reader or Foxit Reader, for example) and open that panel. It shows the agency’s name and the time of signing. A printout is only a copy: the legal value lies in the file.
files-see-digest = The SHA-256 fingerprint of each file, should you need to compare:

## Portals
frame-opens = The result opens in a new tab.

## The officer's desk
desk-places = Places of work
desk-logout = Sign out
place-waiting = To seal
place-waiting-count = { $count ->
    [one] { $count } result waiting
   *[other] { $count } results waiting
}
place-publish = Publish
place-results = Results
login-title = Sign in
login-lead = For officers who publish and seal results.
login-name = User name
login-password = Password
login-button = Sign in
login-lost = Forgotten the password? Ask your agency’s administrator.
login-wrong = The user name or the password is wrong.
login-throttled = Too many tries. Try again in { $wait }.
login-ended = Your session has ended. Sign in again; the last step was not carried out.
waiting-title = To seal
waiting-lead = { $count ->
    [one] { $count } result waits to be looked at and sealed.
   *[other] { $count } results wait to be looked at and sealed, the oldest first.
}
waiting-lead-other = { $count ->
    [one] { $count } result waits for the agency’s clerk.
   *[other] { $count } results wait for the agency’s clerk.
}
waiting-none = Nothing waits to be sealed.
waiting-open = Look and seal
waiting-open-name = Look and seal: { $title }
waiting-see = Look
waiting-see-name = Look: { $title }
waiting-all = See all that wait to be sealed
held-title = Held: a person must act
held-lead = These results could not be sealed. Each needs somebody to look at it.
column-result = Result
column-received = Received
column-look = To note
column-act = Act
column-state = State
look-nothing = Nothing
look-warnings = { $count ->
    [one] { $count } point to confirm
   *[other] { $count } points to confirm
}
results-title = Results
results-search = Find by dossier code
results-search-button = Find
results-search-none = Your agency has no result with this code.
results-filter = Filter by state
results-all = All
results-none = There are no results here.
results-more = More
handed-over-short = Received by its owner { $date }

## Publishing
publish-title = Publish a result
publish-lead = Upload the document that the authorised person has signed. The clerk looks at it and seals it for the agency before anything is handed over.
publish-files = Files of the result
publish-main = Main document
publish-main-hint = A PDF. All files together: { $size } at most.
publish-choose-again = For safety the browser forgets the files: choose them again.
publish-drop = or drop a PDF here
publish-attachments = Attachments
publish-attachments-hint = { $count ->
    [one] PDF, { $count } at most. It is sealed too.
   *[other] PDF, { $count } at most. Each of them is sealed too.
}
publish-dossier = Dossier
publish-code-hint = Filled in if the file’s name contains the code. Example:
publish-result-title = Title of the result
publish-result-title-hint = The recipient sees it, and the file is named after it. Leave out names of persons and the dossier code.
fact-number = Number and symbol
optional-unless-mark = (needed for a visible mark)
publish-number-hint = Number and symbol of the document. Example:
fact-procedure = Procedure
fact-appearance = Visible mark
publish-contact = The recipient’s contact
publish-contact-hint = Encrypted where it is kept.
publish-phone = Telephone
publish-email = E-mail
publish-button = Upload and check
publish-after = The files are checked at once. Nothing is handed over before the clerk has sealed it.
appearance-none = None
    .next = The signature lies in the file; the page stays as it is.
appearance-attachment = Number, symbol and time of signing
    .next = Printed at the top right of the first page, by Annex I of Decree 30/2020/NĐ‑CP.
appearance-seal = The agency’s seal
    .next = Red, in its real size, a third over the left of the signer’s signature.
appearance-copy = Mark of an electronic copy
    .next = The seal, the form of copy, the agency and the time of signing at the top right of the first page.
appearance-own = A template of the agency.
mark-page = Page { $number }
mark-page-last = The last page
mark-at = { $page }, { $place }.
mark-frame = in a frame of { $size } mm, { $from } mm from the left and upper edges
beside-below = right below the words “{ $words }”
beside-above = right above the words “{ $words }”
beside-left = left of the words “{ $words }”
beside-right = right of the words “{ $words }”
beside-over = over the words “{ $words }”
mark-field = In the file’s own signature field “{ $name }”.
mark-over = A third over the left of the newest visible signature, on its page.
mark-annex = Further files bear number, symbol and time of signing at the top right of their first page.
mark-image = The seal that will be drawn
mark-missing-template = This template is no longer there. Give the result back, or ask your administrator to set it again.
mark-missing-seal-image = The agency has no image of its seal, or it was removed. Choose another mark, or ask your administrator to set one (trao agency appearance set, --seal-image).
spot-top-left = top left
spot-top = middle of the upper edge
spot-top-right = top right
spot-left = middle of the left edge
spot-center = middle of the page
spot-right = middle of the right edge
spot-bottom-left = bottom left
spot-bottom = middle of the lower edge
spot-bottom-right = bottom right

## Sealing
seal-title = Look and seal
seal-look = The file as it came
seal-frame = The file
seal-open-alone = Open the file in a tab of its own
fact-code = Dossier code
fact-sent-by = Sent by
fact-identity = Certificate
fact-policy = Needed to receive it
identity-issued = Issued by { $issuer }, valid until { $date }
identity-none = The agency has no certificate yet
seal-findings = What the check found
pages-count = { $count ->
    [one] { $count } page
   *[other] { $count } pages
}
findings-none = Nothing stands out in how the file is built. The check does not see what pages show: look at each of them. It came without a signature.
seal-earlier = { $count ->
    [one] { $count } earlier signature
   *[other] { $count } earlier signatures
}
seal-stamps = { $count ->
    [one] { $count } document time-stamp
   *[other] { $count } document time-stamps
}
stamp-at = Stamped { $moment }
signature-at = Signed { $moment }
signature-details = Details
signature-intact = Intact
signature-covers = Covers
signature-changes = Changes after it
signature-chain = Certificate chain
signature-revocation = Revocation
signature-level = Level
warnings-title = To confirm before sealing
warnings-lead = By Article 32 of Decree 30/2020/NĐ‑CP the clerk applies the agency’s signature in person, and only to documents that the authorised person has signed. Confirm each point:
warnings-unconfirmed = Not everything is confirmed. Read and tick each point, or return the result.
seal-consequence = When you press the button, the files are sealed exactly as shown and the result is open to its recipient.
seal-button = Seal and publish
seal-return = Return it unsealed
seal-manifest = Fingerprint of what is shown
seal-manifest-text = The seal is bound to exactly these files, this code and this certificate. If any of them changes, nothing is sealed.
verdict-good = Intact and trusted
    .next = The content is what was signed; the certificate comes from a trusted source and was valid.
verdict-unchecked = Intact, revocation not checked
    .next = The content is what was signed. Whether the certificate was revoked could not be looked up.
verdict-untrusted = Intact, source unknown
    .next = The content is what was signed, but the certificate does not come from a configured trusted source.
verdict-unfit = Intact, proves nothing
    .next = No change was found, but the algorithm is too weak, the certificate could not be used at that time, or the time cannot be right.
verdict-revoked = Certificate revoked
    .next = A certificate of this signature has been revoked, and nothing proves that it was signed before that.
verdict-broken = Not intact
    .next = The file was changed after this signature, or the signature cannot be read.
covers-whole-file = The whole file
covers-revision = The file as it was then
covers-part = A part of the file
changes-none = None
changes-permitted = Permitted ones only
changes-suspicious = Suspicious ones
chain-trusted = Trusted
chain-untrusted = Not from a trusted source
chain-broken = Cannot be built
revocation-good = Not revoked
revocation-revoked = Revoked
revocation-unknown = Unknown
revocation-not-checked = Not checked
warning-no-earlier-signature = The file carries no signature of the authorised person. I have seen the original and confirm that it may be issued.
warning-earlier-signature-broken = An earlier signature is not intact, or the file was changed after it. I have checked the file and confirm its content.
warning-earlier-signature-at-risk = The file is built in a way that readers see differently: once it is sealed, some will call the earlier signature broken. I know this and want it sealed all the same.
warning-earlier-signature-followed = After a trusted signature, the file got another signature or a time-stamp whose source is not trusted; it may cover what was signed or add to it. I have looked at every page and confirm that it says what the authorised person signed.
warning-earlier-signature-revoked = A certificate of an earlier signature has been revoked, and nothing proves that it was signed before that. I have asked the person who signed and confirm the document.
warning-earlier-signature-unfit = An earlier signature does not prove who signed: its algorithm is too weak, its certificate could not be used at that time, or its time cannot be right. I have asked the person who signed and confirm the document.
warning-earlier-signature-untrusted = An earlier signature’s certificate does not come from a trusted source. I have verified who signed.
warning-revocation-not-checked = Whether an earlier signature’s certificate was revoked could not be looked up. I answer for having checked it.

## What the intake finds in a file
finding-javascript = The file contains JavaScript
    .next = A reader may run it and show something else.
finding-launch-action = The file can start another program
    .next = An official document should not. Better export it again.
finding-embedded-files = The file has other files inside
    .next = They are handed over with it.
finding-xfa = The file is an XFA form
    .next = Readers may show its content differently.
finding-rich-media = The file has film, sound or moving content
    .next = It cannot be printed.
finding-optional-content-hidden = The file has hidden layers
    .next = A reader can switch them on and see something other than this page.
finding-page-tree-uneven = The tree of pages is written wrongly: some programs may show other pages, or fewer
    .next = Better export the file again, and look at each page.
finding-ambiguous-structure = Something in the file is written so that programs may read and show it differently
    .next = Better export the file again, and look at each page.
finding-hidden-annotation = The file has hidden annotations
    .next = The recipient may be able to see them.
finding-external-action = The file can send data or open other files
    .next = An official document should not. Better export it again.
finding-external-content = The file shows content that is kept outside of it
    .next = What is seen can change later. Better export it again.
finding-usage-rights = The file carries rights that a maker of software granted to a reader program
    .next = Some readers will warn that it was changed.
finding-open-action = The file acts by itself when opened
    .next = An official document should not. Better export it again.
finding-additional-action = The file acts by itself on events
    .next = An official document should not. Better export it again.
finding-content-changed-after = The content was changed after the signature
finding-hole-not-one-string = The place of the signature is malformed
finding-hole-elsewhere = The place of the signature lies outside its object
finding-byte-range-malformed = The signed range is malformed
finding-byte-range-not-from-start = The signed range does not begin with the file
finding-byte-range-overlaps = The parts of the signed range overlap
finding-byte-range-beyond-file = The signed range goes beyond the file
finding-not-a-revision = What was signed is no whole revision
finding-covers-part = The signature covers a part of the file only
finding-sub-filter-unsupported = This kind of signature is not supported
finding-cms-malformed = The signature’s data cannot be read
finding-padding-not-zero = There is foreign data after the signature
finding-digest-mismatch = The content is not what was signed
finding-signature-mismatch = The signature is not the key’s
finding-algorithm-unsupported = The algorithm is not supported
finding-weak-digest = The digest algorithm is weak
finding-signer-certificate-missing = The signer’s certificate is missing
finding-certificate-reference-mismatch = The certificate is not the one that was signed along
finding-key-usage-unfit = The certificate is not meant for signing
finding-no-trusted-root = No way to a trusted source
finding-certificate-expired = The certificate had expired when it signed
finding-certificate-not-yet-valid = The certificate was not valid yet when it signed
finding-weak-certificate = The certificate’s key or algorithm is weak
finding-chain-broken = The certificate chain is broken
finding-certificate-revoked = The certificate had been revoked before it signed
finding-certificate-revoked-no-proof = The certificate is revoked, and nothing proves that the signature is older
finding-authority-revoked = A certificate of the issuing authority is revoked
finding-signing-time-missing = There is no time of signing
finding-signing-time-in-future = The time of signing lies in the future
finding-time-stamp-invalid = The time-stamp is not valid
finding-time-stamp-untrusted = The time-stamp does not come from a trusted source
finding-time-stamp-order = Time-stamps contradict each other
finding-bytes-outside-revisions = Data were added to the file outside of its revisions
finding-readers-differ = The file is built in a way that readers see differently
finding-structure-rebuilt = The file is damaged and its structure was built anew: open it and look whether all is there
finding-not-as-sealed = The file is no longer as it was sealed
finding-earlier-signature-harmed = An earlier signature would no longer be intact

## The states of a result
state-received = To be sealed
    .next = The files were received and checked. The clerk has to look at them and seal them.
state-returned = Returned
    .next = The clerk has returned this result. It can be published again under the same code.
state-approved = Approved
    .next = The clerk has approved it. It will be sealed in a moment.
state-signing = Being sealed
    .next = The files are being sealed. You may close this page; the work goes on.
state-held = Held
    .next = It could not be sealed. Somebody has to look at it and decide.
state-stored = Sealed
    .next = The sealed files are in the archive and will be open to the recipient in a moment.
state-released = Published
    .next = Whoever has the link and the dossier code receives the result.
state-replaced = Replaced
    .next = Another result has taken its place. The link gives out nothing any more.
state-withdrawn = Withdrawn
    .next = The link gives out nothing any more. A result can be published again under the same code.

## A result
result-again = Reload to see how far it is
result-awaits = The service waits for an answer and tries again by itself; nobody has to act yet.
result-awaits-settings = Waiting alone will not help: the administrator has to act. The service goes on trying by itself; when its tries are spent, the result is held and can be sealed again from there.
result-reason = Reason:
result-link = Link for the recipient
result-link-label = Send this link to the recipient; the dossier code opens it.
copy-link = Copy the link
copied = Copied
result-slip = Print the result slip
handed-over = First received by the recipient { $moment }.
not-handed-over = Not yet opened by the recipient.
result-facts = Facts
result-files = Files
result-story = Story
result-acts = What can be done
file-see-received = See the file as it came
file-take-sealed = Download the sealed file ({ $size })
file-sealed-by = Sealed by { $signer }
file-findings = What the check found, fingerprints
file-received-digest = SHA-256 as received
file-sealed-digest = SHA-256 of the sealed file as it is now
file-level = Level of the seal
level-b = Basic (B-B): provable while the certificate lasts
level-t = With a time-stamp (B-T)
level-lt = With what it is judged by later (B-LT)
level-lta = For archives (B-LTA): provable as long as its time-stamp is renewed
level-other = Not a baseline signature of PAdES
result-evidence = Take the evidence of the seals (ZIP)
policy-link = The link and the dossier code
policy-pin = The dossier code and a PIN
policy-link-pin = The link, the dossier code and a PIN
policy-code = The dossier code alone
story-evidence = Evidence

## What has just been done with a result
notice-same = This dossier has this result already; nothing was changed.
    .next = Title, number and visible mark stay as they were sent first. To change them, return this result (before it is sealed) or withdraw it, then publish it again.
notice-relinked = It has a new link.
    .next = The old link has stopped working. Send the new one to the recipient.

## Acts
act-return = Return it unsealed
    .next = It goes back to its sender to be mended. Nothing has been handed over.
act-return-first = This result cannot be sealed any more; its sender publishes again under the same code.
act-return-second = The reason is recorded and its sender can read it.
act-return-hint = Say what has to be mended: the signature of the authorised person is missing, for example.
act-return-button = Return it
act-withdraw = Withdraw the result
    .next = Its recipient can no longer download it, from this moment on.
act-withdraw-first = The link gives out nothing from now on. Pages that are open close as well.
act-withdraw-second = A file that was already downloaded cannot be taken back: the agency has to announce the withdrawal by Article 18 of Decree 30/2020/NĐ‑CP.
act-withdraw-third = This cannot be undone. A new result can be published under the same code, with a new link.
act-withdraw-hint = The reason is kept on record. Leave out personal data.
act-withdraw-button = Withdraw the result
act-relink = Give it a new link
    .next = When the old link leaked or was tried too often.
act-relink-first = The old link stops at once. The dossier code and the files stay as they are.
act-relink-second = The new link has to be sent to the recipient.
act-relink-button = Give it a new link
act-retry = Seal it again
    .next = When the cause that held it has been mended.
act-retry-first = The files that were approved are sealed, with the certificate and the mark below: by pressing the button you approve these.
act-retry-second = If the cause is still there, the result is held again and nothing is lost.
act-retry-button = Seal it again
act-reason = Reason
back-to-result = Back to the result
act-back = Go back, do nothing

## The slip
slip-title = Result slip
slip-first = Scan the QR code with a phone, or open:
slip-second = Type the dossier code printed on your receipt and appointment slip.
slip-third = Download the result, signed by the agency.
slip-keep = Keep this slip apart from the receipt: whoever has both can download the result.
slip-call = Need help? Call
slip-printed = Printed on { $date }
slip-print = Print the slip
slip-print-hint = Or use the browser’s own print command. This part is not printed.

## Problems, by their stable codes
problem-request-malformed = The request is malformed
    .next = Reload the page and try again; a program must mend its request.
problem-method-not-allowed = This address does not take that method
    .next = A program has to use a method that the header Allow names.
problem-media-type-unsupported = The body is of another kind
    .next = A program has to send the Content-Type that the documentation says.
problem-unauthenticated = Not signed in
    .next = Sign in, then do it again.
problem-key-invalid = The API key cannot be used
    .next = Check the key file, or ask your administrator for a new key (trao key add).
problem-forbidden = Not allowed
    .next = Your account may not do this. Ask your agency’s administrator.
problem-not-found = There is no such page
    .next = The address is wrong, or the page closed after its time. If you were receiving a result, open the link again and type the dossier code.
problem-body-too-large = What was sent is too long
    .next = Shorten what you typed, then send it again.
problem-form-outdated = This page is too old
    .next = Nothing was done. Go back, load the page again and repeat the step.
problem-not-sealed = This result is not sealed yet
    .next = There is evidence only once the clerk has sealed it. Try again then.
problem-file-too-large = The file is too large
    .next = All files together exceed the limit. Scan at a lower resolution (200 dpi will do) and upload again.
problem-unavailable = The service is not available
    .next = Try again in a few minutes. What was received is safe.
problem-field-invalid = A field is not right
    .next = Check what you typed.
problem-not-signed = The authorised person has not signed the file
    .next = An agency that seals automatically takes signed files only. Have it signed and upload again.
problem-earlier-signature-broken = An earlier signature in the file cannot be relied on
    .next = An agency that seals automatically does not take this file. Export the document again, have it signed, and upload it.
problem-earlier-signature-not-intact = An earlier signature is not intact, or the file was changed after it
    .next = An agency that seals automatically does not take this file. Export the document again, have it signed, and upload it.
problem-earlier-signature-at-risk = Once sealed, some readers would call an earlier signature broken
    .next = The signature is intact, but the file is built in a way that readers see differently. Export the document again from another program, have it signed, and upload it; or let the clerk seal it.
problem-structure-rebuilt = The file is damaged; to seal it, its structure was built anew: open the sealed file and look whether all is there
    .next = Where you can, export the document again and seal that file.
problem-earlier-signature-followed = A signature or a time-stamp that is not trusted follows a trusted signature
    .next = What was added may cover what was signed or add to it. Upload the document without it, or let the clerk seal it. If its source deserves trust, tell the administrator.
problem-earlier-signature-revoked = A certificate of an earlier signature has been revoked
    .next = Nothing proves that it was signed before that. Have the document signed with a certificate that is in force, and upload it.
problem-earlier-signature-unfit = An earlier signature does not prove who signed
    .next = Its algorithm is too weak, its certificate could not be used at that time, or its time cannot be right. Have the document signed again, and upload it.
problem-identity-unfit = The agency’s certificate cannot be used
    .next = It has expired, is not valid yet or is not meant for signing. Tell the administrator.
problem-level-not-reached = The level asked for was not reached
    .next = See the reason told for each file. If a server merely did not answer, run trao extend later. If a certificate is revoked, no later run will help: have the document signed again with a certificate that is in force.
problem-not-pdf = This is not a PDF
    .next = No %PDF- stands within its first 1,024 bytes. Export the document as a PDF and try again.
problem-pdf-damaged = The PDF is damaged
    .next = Fetch it again from where it came, or export it again from the program it was written in, and try again. Never export a signed file again: that loses its signature.
problem-pdf-encrypted = The PDF is encrypted: it has a password, or restricts printing or changes
    .next = Export it again from where it was made, without a password and without restrictions, and try again.
problem-pdf-no-pages = The PDF has no page
    .next = Export it again from the program it was written in and try again.
problem-pdf-locked = The PDF does not allow a further signature
    .next = An earlier signature locked it. Sign the original again so that further signatures are allowed, or choose no visible mark.
problem-pdf-active-content = The PDF has active or hidden content that is not taken here
    .next = Print it to a new PDF and try again.
problem-pdf-too-complex = The PDF is too complex
    .next = Print it to a new PDF and try again.
problem-code-malformed = That does not look like a dossier code
    .next = Type the code as printed on the receipt, with its dots and dashes.
problem-document-number-missing = Number and symbol are missing
    .next = The visible mark needs them. Fill them in, or choose no visible mark.
problem-appearance-unusable = This visible mark cannot be used yet
    .next = Its template or the image of the seal is not there. Choose another mark, or tell your agency’s administrator.
problem-appearance-misfit = The visible mark has no place in this file
    .next = The file lacks the visible signature, the signature field, the page or the room that the mark needs. Choose another mark.
problem-template-invalid = The template of a mark cannot be used
    .next = Correct it by the documentation and set it again.
problem-image-invalid = The image of the seal cannot be used
    .next = Use a PNG with transparency, at most 2 MiB and 4 million pixels.
problem-policy-too-weak = The condition is too weak
    .next = This procedure asks for more before a result is handed over.
problem-idempotency-conflict = This request was sent before with other content
    .next = Reload the page and start again.
problem-dossier-has-result = This dossier has another result already
    .next = Find it by its dossier code. To change the files, withdraw that one first.
problem-manifest-changed = The result has changed since you opened the page
    .next = Nothing was sealed. Look at it again below, then decide.
problem-state-conflict = The state has changed
    .next = Somebody else or the service has dealt with this result. Its present state is shown below.
problem-idempotency-in-flight = This request is being worked on
    .next = Wait a few seconds, then reload the page.
problem-not-released = The result could not be opened
    .next = The dossier code and the link do not belong together, or the result is not ready yet. Compare it with your receipt.
problem-too-many-requests = Too many tries
    .next = Wait a few minutes, then try again.

## The story of a result, and what proves it
story-received = Files received and checked
story-approved = Approved by the clerk
story-returned = Returned by the clerk
story-signing = Sealing begun
story-stored = Sealed and put into the archive
story-released = Published
story-handed-over = Received by the recipient
story-held = Held
story-retried = Asked to seal it again
story-relinked = Given a new link
story-withdrawn = Withdrawn
story-level-raised = The seal’s level raised
story-level-not-raised = The seal’s level could not be raised
story-replaced = Replaced
actor-service = The service
actor-operator = The operator
actor-requester = The recipient
actor-key = A connected program
evidence-received = SHA-256 as received
evidence-manifest = Fingerprint approved
evidence-warnings = Confirmed
evidence-certificate = SHA-256 of the certificate
evidence-sealed = SHA-256 as sealed
evidence-to = New level of the seal
evidence-sha256 = SHA-256 as raised
evidence-code = Cause
evidence-reason = Reason

## Why a result is held, returned or withdrawn, by the stable code
reason-identity-unfit = The agency’s certificate cannot be used.
    .next = It has expired, is not valid yet, is not meant for signing, or there is none. The administrator has to install one that can be used; then press “Seal it again”.
reason-certificate-revoked = The signing certificate is revoked.
    .next = The authority that issued the agency’s certificate has revoked it. The administrator has to install a new one; then press “Seal it again”.
reason-manifest-changed = The certificate or the content has changed since the approval.
    .next = Seal it again with the present certificate, or withdraw the result.
reason-appearance-misfit = The visible mark has no place in the file.
    .next = Nothing was sealed. Correct the template and seal again, or withdraw this result and publish it with another mark.
reason-seal-failed = The sealed file failed its own check.
    .next = Nothing was published. Export the PDF again, withdraw this result and publish anew.
reason-tries-spent = Every attempt to seal it failed.
    .next = The administrator has to look into the log. Once the cause is mended, seal it again.
reason-revocation-unavailable = Nobody tells whether the certificate is revoked.
    .next = The issuing authority did not answer after several tries. The administrator has to look at the connection to its OCSP responder and CRL; then press “Seal it again”.
reason-issuer-unknown = The certificate of the issuing authority is not known, so nobody can tell whether the agency's is revoked.
    .next = The agency seals only when it is known that the certificate is not revoked. The administrator has to name the issuing authority's certificate in [trust] and restart Trao; then press “Seal it again”.
reason-revocation-not-published = The certificate does not say where its revocation can be looked up.
    .next = The agency seals only when it is known that the certificate is not revoked. The administrator has to install one that names an OCSP responder or a CRL, or to allow sealing with a warning; then press “Seal it again”.
reason-time-stamp-unavailable = No time-stamp was to be had.
    .next = No time-stamping server gave a right answer after several tries. The administrator has to look at the connection; then press “Seal it again”.
reason-time-stamp-not-configured = No time-stamping server is configured.
    .next = The agency’s lowest level needs a time-stamp. The administrator has to configure a server; then press “Seal it again”.
reason-evidence-useless = What was gathered is not enough for the agency’s lowest level.
    .next = The administrator has to look at the configured root certificates and the log; then press “Seal it again”.
reason-file-not-raisable = The file cannot take what the agency’s lowest level needs.
    .next = It is built in a way that readers see differently, or reading it takes too much. Export the PDF again from another program, withdraw this result and publish anew.
reason-object-lost = A stored file is gone or was changed.
    .next = Tell the administrator at once. Nothing is handed over until the file is restored.
reason-child-died = The file broke the reading process more than once.
    .next = It may be damaged. Export the PDF again, withdraw this result and publish anew.
reason-returned = The clerk returned it.
reason-withdrawn = The agency withdrew it.
reason-replaced = It was replaced.

## The command line
problem-file-unreadable = A file cannot be read
    .next = Check its name and whether you may read it.
problem-file-unwritable = It cannot be written there
problem-no-pdf-in-folder = The folder holds no PDF
problem-folders-in-folder = The folder holds only folders: name each of them
problem-no-signature-to-raise = The file has no signature whose level could be raised
problem-no-raisable-signature = The level of no signature in the file can be raised
problem-address-in-use = Another program uses this address and port
problem-address-unusable = This address and port cannot be opened
problem-passphrase-missing = No passphrase of the key is given
problem-pin-missing = No PIN of the token is given
problem-usage = The command line is not right
problem-no-such-agency = No agency in use has this id
problem-no-such-officer = No officer in use has this id
problem-no-such-template = The agency has no template of this name
problem-nothing-to-remove = The agency has nothing like that to remove, or no agency has this id
problem-key-file-exposed = The service’s key file may be read by others: set its mode to 0600
problem-keys-missing = There is a database, but the service’s key file is missing
    .next = Restore that key file from a backup. Without it the data cannot be read; do not make another one.
problem-database-missing = The service’s key file is there, but its database is not
    .next = Check the database’s path in the configuration and whether its volume is mounted, or restore it from a backup. For a new installation, move this key file away.
problem-keys-foreign = This key file belongs to another database
    .next = Put back the key file that goes with this database.
problem-folder-needed = The outcomes of several files, or of a folder, need a folder, and this is a file’s name
problem-exists-already = It is there already
problem-setting-invalid = A setting is not right
problem-officer-exists = There is an officer with this login name already
problem-server-unreached = The server cannot be reached
    .next = Check the address in --server, the network and the firewall, and run it again: nothing is published twice.
problem-server-foreign = What answers there is no Trao
    .next = Check the address in --server (http or https, host, port) and the proxy before Trao.
problem-store-missing = There is no data of Trao here
    .next = Check data_dir and [database] in the configuration. For a new installation, run trao agency add or trao serve first.
problem-no-such-portal = No portal in use has this id
problem-no-such-key = No key in use has this id
problem-key-unseen = The new key could not be shown, so it was disabled at once
    .next = Add another one, with the output going where it can be read or kept.
problem-key-unseen-in-use = The new key could not be shown, nor disabled: run trao key disable with its id
problem-no-such-identity = No signing identity in use has this id
problem-some-failed = Some did not pass; the reason stands with each
problem-done-unwritable = The list of what is done cannot be written, so nothing was published
problem-no-text = The file is not text in UTF-8
problem-no-certificate = The file holds no certificate in PEM
problem-key-file-empty = The key file is empty: its first line is the API key (trao key add)
problem-published-unnoted = The result was published, but not noted in the list of what is done
    .next = Make room or give the right to write there, and run the batch again: it publishes nothing twice.
problem-pss-not-offered = The key’s device offers no RSASSA-PSS
problem-no-anchor = There is no root certificate to trust: give --trust, or [trust] in the configuration
problem-in-detail = { $sentence }: { $detail }
problem-asked-in-vain = What was asked for cannot be done with this file
problem-needs-appearance = This option needs --appearance (seal, attachment, copy or a template)
problem-needs-level = This option needs --level t, lt or lta: no time-stamp is taken at level b
problem-image-not-drawn = The chosen appearance does not draw an image
problem-passphrase-wrong = The passphrase of the key is wrong
problem-key-mismatch = The key does not match the certificate
problem-certificate-expired = The signing certificate has expired
problem-certificate-not-yet-valid = The signing certificate, or one above it, is not valid yet
problem-certificate-key-usage = The signing certificate is not meant for signatures
problem-certificate-weak-key = The key of the signing certificate is too short
problem-some-lower = Some did not reach the level asked for
problem-time-stamp-unavailable = There is no time-stamp to be had
problem-time-stamp-not-configured = No time-stamping authority is configured
problem-evidence-useless = What was gathered proves nothing more
problem-file-not-raisable = The file cannot be raised any further
folders-left-out = { $count ->
    [one] { $count } subfolder was not looked into
   *[other] { $count } subfolders were not looked into
}
links-left-out = { $count ->
    [one] { $count } broken link was left out
   *[other] { $count } broken links were left out
}
files-written = { $written } / { $total } files written
problem-not-stored = The result is not sealed and stored yet
problem-level-unknown = There is no such level as is recorded for the result
level-written = the file was written at level { $level }
level-kept = the file stays at level { $level }, and nothing was written
level-outdone = it got to level { $level } only, below that of the file that is there, which was kept
inspect-heading = PDF { $version }, pages: { $pages }, revisions: { $revisions }, signatures: { $signatures }
warning-prefix = Warning
problem-certificate-revoked = The signing certificate is revoked
problem-issuer-unknown = Nobody can tell whether the certificate is revoked: its issuer's certificate is not known (give --chain or --trust, or name it in [trust])
problem-revocation-not-published = Nobody tells whether the certificate is revoked
problem-revocation-unavailable = Nobody tells whether the certificate is revoked
verify-valid = the signatures are valid
verify-not-valid = NOT valid, or not known to be
verify-open = nothing is wrong, but it cannot be decided yet
verify-unsigned = there is no signature
kind-signature = Signature
kind-timestamp = Document time-stamp
verify-signer = Signed by
verify-authority = Stamped by
verify-time = Time
verify-time-proven = { $moment }, proven by a time-stamp
verify-time-claimed = { $moment }, as the signer says; no time-stamp proves it
verify-unknown = Not known
verify-conclusion = Conclusion
indication-TOTAL-PASSED = Valid
indication-TOTAL-FAILED = Not valid
indication-INDETERMINATE = Cannot be decided
sub-indication-FORMAT-FAILURE = the signature’s structure is wrong
sub-indication-HASH-FAILURE = the content is not what was signed
sub-indication-SIG-CRYPTO-FAILURE = the signature is not the key’s
sub-indication-SIG-CONSTRAINTS-FAILURE = the signature does not meet a condition of the check
sub-indication-CHAIN-CONSTRAINTS-FAILURE = a certificate may not be used for this
sub-indication-CERTIFICATE-CHAIN-GENERAL-FAILURE = the certificate chain could not be checked
sub-indication-CRYPTO-CONSTRAINTS-FAILURE = an algorithm is weak or not supported
sub-indication-NO-SIGNING-CERTIFICATE-FOUND = the signer’s certificate is not there
sub-indication-NO-CERTIFICATE-CHAIN-FOUND = the certificate leads to no trusted source
sub-indication-OUT-OF-BOUNDS-NO-POE = nothing proves that the certificate was valid when it signed
sub-indication-TIMESTAMP-ORDER-FAILURE = time-stamps contradict each other
sub-indication-REVOKED = the certificate had been revoked before it signed
sub-indication-REVOKED-NO-POE = the certificate is revoked, and nothing proves that the signature is older
sub-indication-REVOKED-CA-NO-POE = a certificate of the issuing authority is revoked
sub-indication-TRY-LATER = nothing is wrong; whether the certificate is revoked is not known
publish-done = published in an earlier run
publish-told-otherwise = The service had this result already and keeps the title and number that it was given first. To change them, withdraw it and publish again.
demo-heading = A sample result has been sealed and published.
demo-link = Link
demo-code = Dossier code
demo-officer = Officers' desk
demo-login = Login
demo-password = Password
demo-signed = Signed file
demo-root = Root certificate
demo-stop = Press Ctrl-C to stop.

## Certificate of the agency, where it ends soon
certificate-quarter = The agency’s certificate ends soon.
certificate-month = The agency’s certificate ends within a month.
certificate-week = The agency’s certificate ends in a few days.
certificate-day = The agency’s certificate ends within 24 hours! New results will be held from then on.
certificate-over = The agency’s certificate has ended: new results are held.
certificate-not-yet-valid = The agency’s certificate, or one above it, is not valid yet: new results are held.
certificate-key-usage = The agency’s certificate is not meant for signing: new results are held.
certificate-weak-key = The key of the agency’s certificate is too short: new results are held.
certificate-unreadable = The agency’s certificate cannot be read: new results are held.
certificate-end = It ends on { $date }.
certificate-moment = It ends at { $moment }.
certificate-days = { $days ->
    [one] One day is left.
   *[other] { $days } days are left.
}
certificate-next = Tell the administrator to get a new one and to install it.

## Codes tried out on the agency's links
alarm-title = Somebody is trying dossier codes out on the agency’s links.
alarm-codes = Many links, codes of the unit { $unit } and the day { $day }
alarm-next = The tries are being slowed down already. If a link may have leaked or gone to the wrong person, open the result, choose “Give it a new link” and send that to the recipient; if not, keep an eye on it.

## More about a problem
detail-required = It must not be empty.
detail-too-long = It is too long.
detail-control-characters = It holds control characters.
detail-holds-code = It holds the dossier code; leave the code out here.
detail-unknown = There is no such value.
detail-unsupported = This value is not supported yet.
detail-no-email = It is no e-mail address.
detail-no-telephone = It is no telephone number.
detail-no-key = A key is 1 to 255 visible letters of ASCII.
detail-in-future = The code’s date lies in the future.
detail-foreign-prefix = The code is not one of this agency’s.
detail-foreign-profile = The agency does not use codes of this shape.
detail-key-invalid = The API key is wrong, has expired or was disabled.
detail-file = File { $n }.
detail-json-syntax = The body is not JSON: line { $line }, column { $column }.
detail-json-member = A member is missing or of another kind than it must be: line { $line }, column { $column }.
detail-json-value = A member has a value of the wrong form.
detail-header-text = The header { $name } is not plain text.
detail-unknown-parameter = The address has an unknown parameter.
detail-files-too-large = { $count ->
    [one] At most { $count } file, { $size } together.
   *[other] At most { $count } files, { $size } together.
}
detail-too-many-fields = The form has too many fields: at most { $count } are taken.
detail-unknown-field = There is an unknown field; known are { $known }.
renew-none = No result is due to be raised or renewed
renew-done = { $done } of { $due } results that were due are at their level
