//! What a hostile export can do in the real window: nothing. And what the page may ask of the desktop.

use serde_json::json;

use crate::app::{App, fixture};

/// Notes what must not be: elements that markup in a string makes, and dialogs.
const WATCH: &str = r#"
    window.made = [];
    window.refused = [];
    addEventListener("securitypolicyviolation", (event) => { window.refused.push(event.violatedDirective); });
    for (const name of ["alert", "confirm", "prompt", "open"]) window[name] = () => { window.made.push(name); };
    const never = "script, iframe, frame, object, embed, form[action], base, meta, link, audio, video, [onerror], [onload]";
    new MutationObserver((records) => {
        for (const record of records) for (const node of record.addedNodes) {
            if (!(node instanceof Element)) continue;
            for (const one of [node, ...node.querySelectorAll("*")]) {
                const picture = one.matches("img") && !one.getAttribute("src")?.startsWith("data:image/");
                if (one.matches(never) || picture) window.made.push(one.outerHTML.slice(0, 200));
            }
        }
    }).observe(document, { childList: true, subtree: true });
"#;

#[tokio::test]
async fn strings_of_an_export_are_only_ever_text() {
    let app = App::open().await;
    app.there_is("[data-testid=empty]").await;
    app.run(WATCH, vec![]).await;
    app.drop_files(&[&fixture("hostile/nasty")]).await;
    app.click("[data-testid=run-Rhst]").await;
    for step in 1..=3 {
        let option = format!("[data-testid=\"step-Rhst:{step}\"]");
        app.there_is(&option).await;
        app.run(&format!("document.querySelector('{option}').click()"), vec![]).await;
        app.there_is(&format!("[data-testid=inspector][data-step=\"Rhst:{step}\"]")).await;
        for tab in ["arguments", "logs", "why", "attempts", "result"] {
            app.click(&format!("#inspector-{tab}")).await;
            app.there_is(&format!("#inspector-panel[aria-labelledby=inspector-{tab}]")).await;
        }
    }
    for key in ['2', '3', '4', '1', 'p', 'a', 'l'] {
        app.key(key).await;
    }
    app.says("[data-testid=logs]", "<script>").await;
    assert_eq!(app.run("return window.made", vec![]).await, json!([]));
    assert_eq!(app.run("return window.refused", vec![]).await, json!([]));
    // And if ever one were made, it would come to nothing.
    let markup = "const holder = document.createElement('div');
        holder.innerHTML = '<img src=x onerror=alert(1)>';
        document.body.append(holder);
        const script = document.createElement('script');
        script.textContent = 'window.made.push(\"ran\")';
        document.body.append(script);";
    app.run(markup, vec![]).await;
    app.wait("what was refused", "window.refused.length >= 2").await;
    let ran = "return window.made.some((one) => one === 'ran' || one === 'alert')";
    assert_eq!(app.run(ran, vec![]).await, json!(false));
    app.close().await;
}

/// Whatever ran in the page could ask for no more than the window itself does.
#[tokio::test]
async fn the_page_may_ask_for_nothing_that_it_does_not_use() {
    let app = App::open().await;
    app.there_is("[data-testid=empty]").await;
    for (command, arguments) in [
        ("plugin:event|emit", json!({ "event": "link", "payload": "hindcast://R1" })),
        ("plugin:dialog|open", json!({ "options": {} })),
        ("plugin:window|close", json!({})),
        (
            "plugin:webview|create_webview_window",
            json!({ "options": { "label": "other", "url": "https://example.test" } }),
        ),
        ("plugin:webview|internal_toggle_devtools", json!({})),
        ("plugin:app|version", json!({})),
        ("plugin:path|resolve_directory", json!({ "directory": 1 })),
        ("plugin:resources|close", json!({ "rid": 1 })),
    ] {
        let answer = app.ask(command, arguments).await;
        assert!(answer.contains("not allowed"), "{command}: {answer}");
    }
    // What it does use is heard.
    let asked = json!({ "name": "getSetting", "params": { "key": "nothing" } });
    assert_eq!(app.ask("call", asked).await, "null");
    app.close().await;
}
