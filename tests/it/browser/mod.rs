//! The whole path as people walk it, in a real browser: an officer publishes and seals, a citizen
//! receives on a small screen, a portal embeds, and what was received passes foreign judges.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use trao::account::{AppearanceChange, Change, NewOfficer, NewPortal, Role};
use trao::database::Actor;
use trao::http;
use trao::http::server::ConnectionLimits;

use crate::support::judge;
use crate::support::judges::Judges;
use crate::support::seal::faded_ring;
use crate::support::service::TestService;

const PASSWORD: &str = "một mật khẩu dài";
const CODE: &str = "H13.12-261123-0001";
const TITLE: &str = "Giấy chứng nhận đăng ký hộ kinh doanh";

/// The service on a port of its own, a portal that may embed and a site that may not.
struct Town {
    service: TestService,
    address: SocketAddr,
    portal: SocketAddr,
    stranger: SocketAddr,
    stop: CancellationToken,
}

impl Town {
    async fn new() -> Self {
        let listener = listener().await;
        let address = listener.local_addr().unwrap();
        let service = TestService::with(|settings| {
            settings.listen = address;
            settings.installation.name = "Trả kết quả hồ sơ".to_owned();
            settings.installation.telephone = Some("024 1022".to_owned());
        })
        .await;
        let stop = CancellationToken::new();
        let router = http::router(service.app.clone());
        let serving = http::server::serve(
            listener,
            router,
            ConnectionLimits::default(),
            |_: IpAddr| true,
            stop.clone(),
        );
        tokio::spawn(serving);
        let portal = site(address, &stop).await;
        let stranger = site(address, &stop).await;
        let town = Self {
            service,
            address,
            portal,
            stranger,
            stop,
        };
        town.people().await;
        town.marks().await;
        town
    }

    async fn people(&self) {
        let accounts = &self.service.app.accounts;
        let officer = NewOfficer {
            agency: self.service.agency,
            login: "lan".to_owned(),
            name: "Nguyễn Thị Lan".to_owned(),
            roles: vec![Role::Clerk, Role::Publisher],
            password: PASSWORD.into(),
        };
        accounts
            .add_officer(officer, Actor::Operator, self.service.now())
            .await
            .unwrap();
        let portal = NewPortal {
            agency: self.service.agency,
            name: "Cổng dịch vụ công".to_owned(),
            origins: vec![format!("http://{}", self.portal)],
        };
        accounts
            .add_portal(portal, Actor::Operator, self.service.now())
            .await
            .unwrap();
    }

    /// The agency has the image of its seal and a template of its own.
    async fn marks(&self) {
        let template = "title = { vi = \"Dấu công báo\", en = \"Gazette mark\" }\n\
                        [[item]]\ntext = \"{agency}\"\n[place]\npage = \"last\"\nat = \"bottom\"";
        let change = AppearanceChange {
            image: Some(Change::Set(faded_ring())),
            templates: vec![(
                "cong-bao".parse().unwrap(),
                Change::Set(template.to_owned()),
            )],
            ..AppearanceChange::default()
        };
        let (accounts, agency) = (&self.service.app.accounts, self.service.agency);
        let changed =
            accounts.change_appearance(agency, change, Actor::Operator, self.service.now());
        changed.await.unwrap();
    }

    /// Walks through the town; the received file lies where it says then.
    async fn walk(&self, folder: &Path, pdf: &Path) -> PathBuf {
        let received = folder.join("received.pdf");
        let plan = json!({
            "service": format!("http://{}", self.address),
            "portal": format!("http://{}", self.portal),
            "stranger": format!("http://{}", self.stranger),
            "login": "lan",
            "password": PASSWORD,
            "code": CODE,
            "title": TITLE,
            "pdf": pdf,
            "received": received,
            "modules": judge::tools().join("node/node_modules"),
            "screenshots": std::env::var_os("TRAO_SCREENSHOTS").map(PathBuf::from),
        });
        let walk = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/browser/walk.mjs");
        let plan = plan.to_string();
        let verdict = tokio::task::spawn_blocking(move || judge::ask("node", &[walk, &plan]));
        let verdict = verdict.await.unwrap();
        assert!(verdict.ok, "{}", verdict.said);
        received
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_seals_and_a_citizen_receives() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new().await;
    let pdf = written_by_an_office(&folder);
    let received = town.walk(folder.path(), &pdf).await;

    let sent = std::fs::read(&pdf).unwrap();
    let sealed = std::fs::read(&received).unwrap();
    assert!(sealed.starts_with(&sent) && sealed.len() > sent.len());
    Judges::trusting(&town.service.pki).hold(&sealed, "received");
}

/// A PDF as offices make them: LibreOffice, Vietnamese text, the dossier code in its name.
fn written_by_an_office(folder: &TempDir) -> PathBuf {
    let page = folder.path().join(format!("{CODE} ket qua.html"));
    let text = "<html><meta charset=utf-8><h1>GIẤY CHỨNG NHẬN</h1>\
        <p>Đăng ký hộ kinh doanh: Phở Thìn, số 13 phố Lò Đúc. Ngày cấp: 23/11/2026.</p></html>";
    std::fs::write(&page, text).unwrap();
    let home = format!(
        "-env:UserInstallation=file://{}/office",
        folder.path().display()
    );
    let arguments = [
        home.as_ref(),
        "--headless".as_ref(),
        "--convert-to".as_ref(),
        "pdf:writer_web_pdf_Export".as_ref(),
        "--outdir".as_ref(),
        folder.path().as_os_str(),
        page.as_os_str(),
    ];
    let verdict = judge::ask("soffice", &arguments);
    let pdf = page.with_extension("pdf");
    assert!(pdf.exists(), "{}", verdict.said);
    pdf
}

async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

/// A site that embeds whatever link stands in its address after `#`, by the element of the service.
async fn site(service: SocketAddr, stop: &CancellationToken) -> SocketAddr {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    let html = format!(
        "<!DOCTYPE html><html lang=\"vi\"><meta charset=\"utf-8\"><title>Cổng</title>\
         <h1>Cổng dịch vụ công</h1><div id=\"place\"></div>\
         <script src=\"http://{service}/embed.js\"></script>\
         <script>document.getElementById('place').innerHTML = \
         '<trao-result link=\"' + location.hash.slice(1) + '\"></trao-result>';</script>"
    );
    let router = axum::Router::new().fallback(move || {
        let html = html.clone();
        async move { axum::response::Html(html) }
    });
    let stop = stop.clone();
    tokio::spawn(async move {
        let stopped = async move { stop.cancelled().await };
        axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await
    });
    address
}
