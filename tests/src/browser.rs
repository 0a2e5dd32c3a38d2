//! A page as a browser shows it, in a frame 400 pixels wide.
//!
//! - In: a page, and a script that looks at it.
//! - Out: what the script returns.
//! - Holds: a word on the console fails the test; where there is no Chromium that is noted as a skip.
//! - Not here: what a page should look like (the tests).

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::desk::ends_with;
use crate::skip;

/// A page around the page, in a frame, because a window may not be that narrow.
const FRAME: &str = "<!doctype html>
<iframe width=400 height=900 frameborder=0 srcdoc=\"PAGE\"></iframe>
<script>
    window.onload = () => {
        const frame = document.querySelector('iframe').contentWindow, page = frame.document;
        const look = () => { SCRIPT };
        const list = document.createElement('pre');
        list.textContent = JSON.stringify({ width: frame.innerWidth, seen: look() });
        document.querySelector('iframe').replaceWith(list);
    };
</script>";

/// Opens `page` and runs `script`, which has its window as `frame` and its document as `page`, and returns an object. `None` where
/// there is no Chromium.
///
/// # Panics
/// If the console does not stay empty, or the script fails.
pub fn look_at(page: &str, folder: &Path, script: &str) -> Option<Value> {
    let framed = folder.join("framed.html");
    let quoted = page.replace('&', "&amp;").replace('"', "&quot;");
    let text = FRAME.replace("SCRIPT", script).replace("PAGE", &quoted);
    fs::write(&framed, text).expect("it can be written");
    let profile = TempDir::with_prefix_in("chromium-", folder).expect("a folder");
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"]);
    chromium.args(["--no-first-run", "--disable-background-networking"]);
    chromium.args(["--disable-component-update", "--disable-sync"]);
    chromium.args(["--enable-logging=stderr", "--dump-dom"]);
    chromium.arg(format!("--user-data-dir={}", profile.path().display()));
    chromium.arg(format!("file://{}", framed.display()));
    let output = chromium.stdin(Stdio::null()).output();
    let output = output.inspect_err(|error| skip::note("chromium", &error.to_string())).ok()?;
    let (dom, log) = ends_with(&output, 0);
    let console: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:?}");
    let seen = dom.split_once("<pre>").and_then(|(_, rest)| rest.split_once("</pre>"));
    let seen = seen.expect("the page was read").0;
    let seen = seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let mut seen: Value = serde_json::from_str(&seen).expect("an object");
    assert_eq!(seen["width"], 400);
    Some(seen["seen"].take())
}
