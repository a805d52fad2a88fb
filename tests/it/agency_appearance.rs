//! `trao agency appearance` and what it does to a running service: set on the command line, asked
//! for by programs over HTTP, drawn in what is sealed.

use std::path::PathBuf;

use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::judge::ask;
use crate::support::process::{Process, client};
use crate::support::seal::faded_ring;
use crate::support::service::pdf;

const TEMPLATE: &str = "title = { vi = \"Dấu công báo\", en = \"Gazette mark\" }\n\
    [[item]]\ntext = \"CÔNG BÁO {document_number}\"\n[[item]]\nimage = \"seal\"\nwidth_mm = 30.0\n\
    [place]\nat = \"bottom\"";

/// The demonstration served, with files to set.
struct Town {
    process: Process,
    agency: String,
}

impl Town {
    async fn new() -> Self {
        let process = Process::start(&[]).await;
        let (_, agencies) = process.run(&["agency", "list", "--json"]);
        let first: Value = serde_json::from_str(agencies.lines().next().unwrap()).unwrap();
        let agency = first["id"].as_str().unwrap().to_owned();
        Self { process, agency }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.process.data().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn appearance<'a>(&'a self, act: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&["agency", "appearance", act, self.agency.as_str()], more].concat()
    }

    /// Sets something, which must go well; what counts then.
    fn set(&self, more: &[&str]) -> Value {
        let arguments = self.appearance("set", more);
        let (done, printed) = self.process.run(&[&arguments[..], &["--json"]].concat());
        assert!(done, "{more:?}: {:?}", self.process.tell("C", &arguments));
        serde_json::from_str(&printed).unwrap()
    }

    fn shown(&self) -> Value {
        let (_, printed) = self.process.run(&self.appearance("show", &["--json"]));
        serde_json::from_str(&printed).unwrap()
    }

    async fn publish(&self, code: &str, appearance: &str, file: &[u8]) -> (StatusCode, Value) {
        let file = Part::bytes(file.to_vec()).file_name("ket-qua.pdf");
        let form = Form::new()
            .text("dossier_code", code.to_owned())
            .text("title", "Giấy phép")
            .text("document_number", "12/QĐ-UBND")
            .text("appearance", appearance.to_owned())
            .part("file", file.mime_str("application/pdf").unwrap());
        let request = client(71)
            .post(format!("{}/api/v1/results", self.process.url))
            .bearer_auth(&self.process.shown.api_key)
            .multipart(form);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    fn address(&self, result: &Value, rest: &str) -> String {
        let id = result["id"].as_str().unwrap();
        format!("{}/api/v1/results/{id}/{rest}", self.process.url)
    }

    async fn approve(&self, received: &Value) -> Value {
        let answer = client(71)
            .post(self.address(received, "approve"))
            .bearer_auth(&self.process.shown.api_key)
            .json(&json!({ "manifest": received["manifest"] }))
            .send();
        let approved: Value = answer.await.unwrap().json().await.unwrap();
        assert_eq!(approved["state"], "released", "{approved}");
        approved
    }

    async fn sealed(&self, released: &Value) -> PathBuf {
        let answer = client(71)
            .get(self.address(released, "files/1"))
            .bearer_auth(&self.process.shown.api_key)
            .send();
        let bytes = answer.await.unwrap().bytes().await.unwrap();
        self.file("sealed.pdf", &bytes)
    }
}

#[tokio::test]
async fn what_an_operator_sets_is_drawn_in_what_programs_publish() {
    let town = Town::new().await;
    let image = town.file("dau.png", &faded_ring());
    let template = town.file("cong-bao.toml", TEMPLATE.as_bytes());
    let named = format!("cong-bao={}", template.display());

    let image = image.to_str().unwrap();
    let set = town.set(&[
        "--seal-image",
        image,
        "--template",
        &named,
        "--default",
        "cong-bao",
    ]);
    assert_eq!(set, town.shown());
    assert_eq!(set["default"]["name"], "cong-bao");
    assert_eq!(
        set["seal_image"]["from"].as_str(),
        Some(town.agency.as_str())
    );
    assert_eq!(set["templates"][0]["title"]["vi"], "Dấu công báo");
    let (_, toml) = town
        .process
        .run(&town.appearance("show", &["--template", "cong-bao"]));
    assert_eq!(toml.trim_end(), TEMPLATE);

    let (status, received) = town.publish("H13.12-261123-0007", "", &pdf("a")).await;
    assert_eq!(status, StatusCode::CREATED, "{received}");
    assert_eq!(received["appearance"], "cong-bao");
    let approved = town.approve(&received).await;
    let history = approved["history"].as_array().unwrap();
    let approval = history.iter().find(|event| event["action"] == "approved");
    let mark = &approval.unwrap()["detail"]["mark"];
    assert_eq!(mark["template"], set["templates"][0]["sha256"]);
    assert_eq!(mark["image"], set["seal_image"]["sha256"]);
    let sealed = town.sealed(&approved).await;
    assert!(ask("qpdf", &["--check".as_ref(), sealed.as_path()]).ok);
    let judged = ask("pdfsig", &[&sealed]).said;
    assert!(judged.contains("Signature is Valid"), "{judged}");
    let text = ask("pdftotext", &[sealed.as_path(), "-".as_ref()]).said;
    assert!(text.contains("CÔNG BÁO 12/QĐ-UBND"), "{text}");
}

#[tokio::test]
async fn what_is_not_there_is_not_asked_for_and_what_is_needed_stays() {
    let town = Town::new().await;
    let unknown = town
        .publish("H13.12-261123-0007", "cong-bao", &pdf("a"))
        .await;
    assert_eq!(unknown.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (&unknown.1["code"], &unknown.1["field"]),
        (&json!("field_invalid"), &json!("appearance"))
    );
    let without = town.publish("H13.12-261123-0007", "copy", &pdf("a")).await;
    assert_eq!(without.1["code"], "appearance_unusable");

    let template = TEMPLATE.replace("[[item]]\nimage = \"seal\"\nwidth_mm = 30.0\n", "");
    let template = town.file("cong-bao.toml", template.as_bytes());
    let named = format!("cong-bao={}", template.display());
    town.set(&["--template", &named, "--default", "cong-bao"]);
    let (removed, _) = town
        .process
        .run(&town.appearance("remove", &["--template", "cong-bao"]));
    assert!(!removed, "the default rests on it");
    let both = ["--default", "--template", "cong-bao"];
    assert!(town.process.run(&town.appearance("remove", &both)).0);
    assert_eq!(
        town.shown()["default"],
        json!({ "name": "none", "from": null })
    );
    assert!(town.process.run(&["audit", "verify"]).0);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_in_the_users_language() {
    let town = Town::new().await;
    let gif = town.file("dau.gif", b"GIF89a");
    let wrong = town.file("wrong.toml", b"[[item]]\ntext = \"{password}\"");
    let named = format!("wrong={}", wrong.display());
    for (language, more, code, words) in [
        (
            "vi_VN.UTF-8",
            ["--seal-image", gif.to_str().unwrap()],
            "image_invalid",
            "Hình con dấu không dùng được",
        ),
        (
            "C",
            ["--seal-image", gif.to_str().unwrap()],
            "image_invalid",
            "The image of the seal cannot be used",
        ),
        (
            "vi_VN.UTF-8",
            ["--template", &named],
            "template_invalid",
            "Mẫu dấu không dùng được",
        ),
        (
            "C",
            ["--template", &named],
            "template_invalid",
            "{password}",
        ),
        (
            "vi_VN.UTF-8",
            ["--default", "seal"],
            "appearance_unusable",
            "Dấu hiển thị này chưa dùng được",
        ),
    ] {
        let (done, said) = town.process.tell(language, &town.appearance("set", &more));
        assert!(!done, "{more:?}");
        assert!(said.contains(words), "{said}");
        let end = format!("[{code}]");
        assert!(said.lines().any(|line| line.ends_with(&end)), "{said}");
        assert!(!said.contains('\u{fffd}'), "{said}");
    }
    let (done, said) = town.process.tell("C", &town.appearance("set", &[]));
    assert!(!done && said.contains("Usage"), "{said}");
    let (done, said) = town
        .process
        .tell("C", &town.appearance("remove", &["--seal-image"]));
    assert!(!done && said.contains("[not_found]"), "{said}");
    assert!(said.contains("nothing like that to remove"), "{said}");
}
