//! The whole path of a result with its objects in a bucket: the program itself, a real Garage.

use futures_util::StreamExt as _;
use reqwest::{Response, StatusCode};
use trao::archive::{Archive, Area};
use trao::config::S3Settings;
use trao::model::Sha256Digest;

use crate::support::caller::{Caller, text};
use crate::support::doctor::line_of;
use crate::support::process::{Process, client};
use crate::support::stores::{garage, large_pdf};

const CODE: &str = "H99.1-261123-0200";
/// More than one piece of any transfer.
const BYTES: usize = 3 << 20;

/// The settings as an operator gives them.
fn variables(settings: &S3Settings) -> [(&'static str, String); 7] {
    let secret = settings.secret_access_key_file.as_ref().unwrap();
    [
        ("TRAO_ARCHIVE__KIND", "s3".to_owned()),
        (
            "TRAO_ARCHIVE__S3__ENDPOINT",
            settings.endpoint.clone().unwrap(),
        ),
        ("TRAO_ARCHIVE__S3__REGION", settings.region.clone()),
        ("TRAO_ARCHIVE__S3__BUCKET", settings.bucket.clone()),
        (
            "TRAO_ARCHIVE__S3__ACCESS_KEY_ID",
            settings.access_key_id.clone(),
        ),
        (
            "TRAO_ARCHIVE__S3__SECRET_ACCESS_KEY_FILE",
            secret.display().to_string(),
        ),
        ("TRAO_ARCHIVE__S3__PREFIX", settings.prefix.clone()),
    ]
}

async fn names(archive: &Archive, area: Area) -> Vec<String> {
    let listed = archive.list(area).map(|object| object.unwrap().key);
    listed.map(|key| key.as_str().to_owned()).collect().await
}

#[tokio::test]
async fn a_result_goes_the_whole_way_through_a_bucket() {
    let store = garage().await;
    let settings = store.settings(store.address);
    let variables = variables(&settings);
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let process = Process::start(&variables).await;
    let caller = Caller::of(&process);
    let archive = Archive::open_s3(&settings).await.unwrap();

    // Received: durable in the bucket before it is acknowledged.
    let file = large_pdf(BYTES);
    let (status, view) = caller.publish(CODE, &file).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{view}");
    let id = text(&view, "id").to_owned();
    let [received] = names(&archive, Area::Received).await.try_into().unwrap();
    assert!(received.starts_with(&format!("received/{id}/")));
    assert!(names(&archive, Area::Results).await.is_empty());

    // Approved, sealed, released.
    let (status, view) = caller.approve(&view).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{view}");
    let view = caller.released(&id).await;
    let [sealed] = names(&archive, Area::Results).await.try_into().unwrap();
    assert!(sealed.starts_with(&format!("results/{id}/1-")));
    assert!(!process.data().join("objects").join(&sealed).exists());

    // Handed out, whole and in parts.
    let link = text(&view, "link_id");
    let (path, sha256) = caller.let_out(link, CODE).await;
    let url = format!("{}{path}", process.url);
    let whole = client(64).get(&url).send().await.unwrap();
    let etag = whole.headers()["etag"].to_str().unwrap().to_owned();
    let whole = whole.bytes().await.unwrap();
    assert_eq!(Sha256Digest::of(&whole).to_string(), sha256);
    assert!(whole.starts_with(&file) && whole.len() > file.len());
    assert_parts(&url, &etag, &whole).await;

    // Every promise holds for it; the demonstration's own result is in no bucket.
    let (_, printed) = process.run_with(&["doctor", "--json"], &variables);
    let flaws = line_of(&printed, "results")["flaws"].clone();
    let [flaw] = flaws.as_array().unwrap().as_slice() else {
        panic!("{printed}");
    };
    assert_eq!(flaw["code"], "object_gone");
    assert_ne!(flaw["result"], *id);

    // Taken back: nobody gets it any more, and nothing is removed.
    let (status, view) = caller.withdraw(&id).await.unwrap();
    assert_eq!(
        (status, &view["state"]),
        (StatusCode::OK, &"withdrawn".into())
    );
    let gone = client(64).get(&url).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    let refused = client(64)
        .post(format!("{}/api/v1/links/{link}/release", process.url))
        .json(&serde_json::json!({ "dossier_code": CODE }));
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(names(&archive, Area::Results).await, [sealed]);
}

/// Ranges at both ends and in the middle, one that goes on after a break, and one that is none.
async fn assert_parts(url: &str, etag: &str, whole: &[u8]) {
    let len = whole.len();
    let ask = async |range: &str, of: &str| -> Response {
        let request = client(64).get(url).header("range", range);
        request.header("if-range", of).send().await.unwrap()
    };
    for (range, from, to) in [
        ("bytes=0-0".to_owned(), 0, 1),
        (
            format!("bytes={}-{}", len / 2, len / 2 + 99_999),
            len / 2,
            len / 2 + 100_000,
        ),
        (format!("bytes={}-", len - 7), len - 7, len),
        ("bytes=-9".to_owned(), len - 9, len),
    ] {
        let part = ask(&range, etag).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        let told = part.headers()["content-range"].to_str().unwrap();
        assert_eq!(told, format!("bytes {from}-{}/{len}", to - 1));
        assert!(part.bytes().await.unwrap() == whole[from..to], "{range}");
    }
    let changed = ask("bytes=5-9", "\"another\"").await;
    assert_eq!(changed.status(), StatusCode::OK, "it starts anew");
    let beyond = ask(&format!("bytes={len}-"), etag).await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
}
