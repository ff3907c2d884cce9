//! A browser that is held by the hand: headless Chromium spoken to over two pipes (its own debugging protocol,
//! messages of JSON that end with a zero byte). For pages that stay alive, where a page loaded once proves little.

use std::{path::PathBuf, process::Stdio, time::Duration};

use base64::Engine as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::unix::pipe,
    process::{Child, Command},
};

pub const MISSING: &str = "this test needs a browser: install Debian's package `chromium` \
     (apt-get install chromium fonts-noto-cjk), or name the program in YUQING_CHROMIUM";

/// The browser's program.
pub fn chromium() -> PathBuf {
    if let Some(named) = std::env::var_os("YUQING_CHROMIUM") {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("{MISSING}"))
}

/// The longest that anything a test waits for may take; a slow machine needs some of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running browser.
pub struct Browser {
    to: pipe::Sender,
    from: BufReader<pipe::Receiver>,
    number: u64,
    _child: Child,
    _folder: tempfile::TempDir,
}

/// One of its pages.
pub struct Page(String);

impl Browser {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (to, from) = (folder.path().join("to"), folder.path().join("from"));
        let made = Command::new("mkfifo").args([&to, &from]).status().await.expect("mkfifo runs");
        assert!(made.success());
        // Open at both ends, so that neither side waits for the other.
        let mut both = pipe::OpenOptions::new();
        let both = both.read_write(true);
        let (sender, receiver) =
            (both.open_sender(&to).expect("a pipe"), both.open_receiver(&from).expect("a pipe"));
        let child = Command::new("sh")
            .args(["-c", "in=$1 out=$2; shift 2; exec \"$@\" 3<\"$in\" 4>\"$out\"", "sh"])
            .args([&to, &from])
            .arg(chromium())
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--lang=zh-CN",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-proxy-server",
            ])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{MISSING}: {error}"));
        Self { to: sender, from: BufReader::new(receiver), number: 0, _child: child, _folder: folder }
    }

    /// Calls a method and waits for its answer; `Err` is what the browser says is wrong.
    async fn call(&mut self, page: Option<&Page>, method: &str, params: Value) -> Result<Value, String> {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if let Some(Page(session)) = page {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let talk = async {
            self.to.write_all(&bytes).await.expect("written");
            loop {
                let mut answer = Vec::new();
                self.from.read_until(0, &mut answer).await.expect("read");
                answer.pop();
                let mut answer: Value = serde_json::from_slice(&answer).expect("JSON");
                if answer["id"] == self.number {
                    if let Some(fault) = answer["error"]["message"].as_str() {
                        return Err(fault.to_owned());
                    }
                    return Ok(answer["result"].take());
                }
            }
        };
        tokio::time::timeout(PATIENCE * 2, talk).await.unwrap_or_else(|_| panic!("{method}: no answer"))
    }

    /// Opens an address in a window of that size; `before` runs in the page before its own scripts.
    pub async fn open(&mut self, url: &str, size: (u32, u32), before: &str) -> Page {
        let page = self.window(size, before).await;
        self.go(&page, url).await;
        page
    }

    /// An empty window.
    async fn window(&mut self, size: (u32, u32), before: &str) -> Page {
        let target = json!({ "url": "about:blank", "newWindow": true });
        let target = self.call(None, "Target.createTarget", target).await.expect("a window");
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.call(None, "Target.attachToTarget", attach).await.expect("attached");
        let page = Page(attached["sessionId"].as_str().expect("a session").to_owned());
        self.size(&page, size, 1).await;
        let focus = json!({ "enabled": true });
        self.call(Some(&page), "Emulation.setFocusEmulationEnabled", focus).await.expect("focused");
        self.call(Some(&page), "Page.enable", json!({})).await.expect("enabled");
        // Whoever leads the window on is not asked whether they mean it.
        let quiet =
            "addEventListener('beforeunload', function (event) { event.stopImmediatePropagation(); });";
        let script = json!({ "source": format!("{quiet}{before}") });
        self.call(Some(&page), "Page.addScriptToEvaluateOnNewDocument", script).await.expect("taken");
        page
    }

    /// Leads a window to another address.
    pub async fn go(&mut self, page: &Page, url: &str) {
        let gone = self.call(Some(page), "Page.navigate", json!({ "url": url })).await.expect("opened");
        assert!(gone.get("errorText").is_none(), "{url}: {gone}");
        self.wait(page, "document.readyState === 'complete' && location.href !== 'about:blank'").await;
    }

    /// Does something that leads the window to another page, and waits for that.
    pub async fn lead(&mut self, page: &Page, doing: &str) {
        self.ask(page, &format!("window.left = 1; {doing}; 0")).await;
        self.wait(page, "window.left === undefined && document.readyState === 'complete'").await;
    }

    /// Gives a window another size, with so many of the screen's points to one of the page's.
    pub async fn size(&mut self, page: &Page, (width, height): (u32, u32), scale: u32) {
        let phone = width < 600;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone });
        self.call(Some(page), "Emulation.setDeviceMetricsOverride", size).await.expect("sized");
    }

    /// Switches the dark colours on or off.
    pub async fn dark(&mut self, page: &Page, on: bool) {
        let scheme = if on { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call(Some(page), "Emulation.setEmulatedMedia", media).await.expect("set");
    }

    /// Gives this browser a cookie of a console.
    pub async fn cookie(&mut self, base: &str, pair: &str) {
        let (name, value) = pair.split_once('=').expect("a pair");
        let cookie = json!({ "cookies": [{ "name": name, "value": value, "url": base }] });
        self.call(None, "Storage.setCookies", cookie).await.expect("set");
    }

    /// Presses a key, such as `j` or `Tab`.
    pub async fn press(&mut self, page: &Page, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            other => (u32::from(other.to_ascii_uppercase().as_bytes()[0]), other),
        };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        let mut event = json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
        self.call(Some(page), "Input.dispatchKeyEvent", event.clone()).await.expect("pressed");
        event["type"] = "keyUp".into();
        self.call(Some(page), "Input.dispatchKeyEvent", event).await.expect("let go");
    }

    /// What an expression is in the page; a promise is waited for.
    pub async fn ask(&mut self, page: &Page, expression: &str) -> Value {
        self.evaluate(page, expression).await.unwrap_or_else(|fault| panic!("{expression}: {fault}"))
    }

    async fn evaluate(&mut self, page: &Page, expression: &str) -> Result<Value, String> {
        let params = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let mut answer = self.call(Some(page), "Runtime.evaluate", params).await?;
        match answer.get("exceptionDetails") {
            Some(wrong) => Err(wrong.to_string()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Waits in the page until an expression is true there.
    pub async fn wait(&mut self, page: &Page, condition: &str) {
        let promise = format!(
            "new Promise(function (done) {{ (function look() {{
               if ({condition}) {{ done(true); }} else {{ setTimeout(look, 20); }} }})(); }})"
        );
        let waiting = async {
            // A page that is just being left takes its promises along.
            while let Err(fault) = self.evaluate(page, &promise).await {
                assert!(fault.contains("navigated") || fault.contains("context"), "{condition}: {fault}");
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            let shown =
                "location.href + ' at ' + pageYOffset + '\\n' + document.body.innerText.slice(0, 2000)";
            panic!("{condition}: never came\n{:#}", self.evaluate(page, shown).await.unwrap_or_default());
        }
    }

    /// Writes what the window shows to target/screens/.
    pub async fn picture(&mut self, page: &Page, name: &str) {
        self.capture(page, name, json!({ "format": "png" })).await;
    }

    /// Writes the whole page, however long, to target/screens/.
    pub async fn whole_picture(&mut self, page: &Page, name: &str) {
        self.capture(page, name, json!({ "format": "png", "captureBeyondViewport": true })).await;
    }

    async fn capture(&mut self, page: &Page, name: &str, how: Value) {
        let shot = self.call(Some(page), "Page.captureScreenshot", how).await.expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(shot["data"].as_str().expect("data"))
            .expect("base64");
        assert!(bytes.len() > 3_000, "{name}: a picture of {} bytes", bytes.len());
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("written");
    }
}
