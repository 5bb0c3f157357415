//! Servers that fail, stall, lie or never end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod support;

use std::io::{Read, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use hindcast_server::{Patience, ServerError};
use support::coflux::{Answers, Desk};
use support::{Asked, Manner, Reply, Served, TOKEN, hasty};

/// A server of the shop that answers as `fault` says, where it says something.
fn faulty(fault: impl Fn(&Asked, &Answers) -> Option<Reply> + Send + Sync + 'static) -> Served {
    let answers = Answers::shop();
    Served::start(move |asked| fault(asked, &answers).unwrap_or_else(|| answers.reply(asked)))
}

fn fetch(served: &Served) -> Result<usize, ServerError> {
    let desk = Desk::new();
    let fetched = desk.fetch(&served.client(), "production", &["R6Lf"])?;
    let steps = fetched.found.runs[0].run.steps.len();
    desk.import(fetched.found);
    Ok(steps)
}

#[test]
fn what_passes_is_got_over() {
    let is_blob = |asked: &Asked| asked.path.starts_with("/blobs/");
    let table: Vec<(&str, Served)> = vec![
        (
            "500, then well",
            faulty(|asked, _| (asked.before < 2).then(|| Reply::status(500, "oops"))),
        ),
        (
            "busy, with a time",
            faulty(|asked, _| {
                let mut busy = Reply::status(429, "busy");
                busy.headers.push(("retry-after", "3600".into()));
                (asked.before == 0).then_some(busy)
            }),
        ),
        (
            "cut off",
            faulty(|asked, answers| {
                (asked.before == 0).then(|| answers.reply(asked).given(Manner::CutOff(20)))
            }),
        ),
        (
            "slow",
            faulty(|asked, answers| {
                let slow = asked.path.contains("/runs/");
                slow.then(|| answers.reply(asked).given(Manner::Slowly(Duration::from_millis(5))))
            }),
        ),
        (
            "a blob that is another, once",
            faulty(move |asked, _| {
                (is_blob(asked) && asked.before == 0).then(|| Reply::json("something else"))
            }),
        ),
        (
            "no logs, no metrics",
            faulty(|asked, _| {
                let telemetry = asked.path == "/logs" || asked.path == "/metrics";
                telemetry.then(|| Reply::status(404, "not_found"))
            }),
        ),
    ];
    for (what, served) in table {
        assert_eq!(fetch(&served).unwrap_or_else(|error| panic!("{what}: {error}")), 66, "{what}");
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_does_not_pass_is_told_with_its_address_and_without_the_token() {
    let table: Vec<(&str, &str, Served)> = vec![
        (
            "unauthorized",
            "does not accept the token",
            faulty(|_, _| Some(Reply::status(401, TOKEN))),
        ),
        (
            "forbidden",
            "refuses: forbidden (403)",
            faulty(|_, _| Some(Reply::status(403, "forbidden"))),
        ),
        (
            "a token in an error",
            "refuses: … is bad (400)",
            faulty(|_, _| Some(Reply::status(400, &format!("{TOKEN} is bad")))),
        ),
        (
            "500 for ever",
            "the server says oops (500",
            faulty(|_, _| Some(Reply::status(500, "oops"))),
        ),
        (
            "not configured",
            "refuses: not_configured",
            faulty(|_, _| Some(Reply::status(500, "not_configured"))),
        ),
        (
            "no such run",
            "there is no run R6Lf",
            faulty(|asked, _| {
                asked.path.contains("/runs/").then(|| Reply::status(404, "not_found"))
            }),
        ),
        (
            "another run",
            "it is run RPX9",
            faulty(|asked, answers| {
                let other = &answers.documents["/topics/workspaces/WBcn/runs/RPX9"];
                asked.path.contains("/runs/").then(|| Reply::json(other.clone()))
            }),
        ),
        (
            "cut off for ever",
            "the answer broke off",
            faulty(|asked, answers| Some(answers.reply(asked).given(Manner::CutOff(9)))),
        ),
        (
            "elsewhere",
            "sends us to https://example.com/",
            faulty(|_, _| {
                let mut moved = Reply::status(302, "moved");
                moved.headers.push(("location", "https://example.com/".into()));
                Some(moved)
            }),
        ),
        (
            "a page of HTML",
            "no Coflux server answers there",
            faulty(|_, _| Some(Reply::json("<html>"))),
        ),
        (
            "a page of HTML that says so",
            "no Coflux server answers there",
            faulty(|_, _| {
                let mut page = Reply::json("<html>");
                page.headers.push(("content-type", "text/html".into()));
                Some(page)
            }),
        ),
        (
            "what unpacks to far more, which we never asked for",
            "no Coflux server answers there",
            faulty(|_, _| {
                let mut packed = Reply::json(packed_spaces());
                packed.headers.push(("content-encoding", "gzip".into()));
                Some(packed)
            }),
        ),
        (
            "nothing there",
            "no Coflux server answers there",
            faulty(|_, _| Some(Reply::status(404, "not_found"))),
        ),
        (
            "half a document",
            "EOF while parsing",
            faulty(|asked, answers| {
                let mut reply = answers.reply(asked);
                reply.body.truncate(1000);
                asked.path.contains("/runs/").then_some(reply)
            }),
        ),
        (
            "blobs that are others",
            "is not that of blob",
            faulty(|asked, _| {
                asked.path.starts_with("/blobs/").then(|| Reply::json("something else"))
            }),
        ),
        (
            "blobs far larger than told",
            "more than",
            faulty(|asked, _| {
                asked.path.starts_with("/blobs/").then(|| Reply::json(vec![b' '; 1 << 20]))
            }),
        ),
        (
            "the same page for ever",
            "does not end",
            faulty(|asked, _| {
                let page = r#"{"logs":[{"executionId":"R6Lf:1:1","timestamp":1,"level":2,"template":"x"}],"cursor":":1"}"#;
                (asked.path == "/logs").then(|| Reply::json(page))
            }),
        ),
    ];
    for (what, expected, served) in table {
        let error = fetch(&served).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(expected), "{what}: {text}");
        assert!(!text.contains("a-token"), "{what}: {text}");
        assert!(text.contains("127.0.0.1"), "{what}: {text}");
    }
}

/// Many spaces, packed by gzip.
fn packed_spaces() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&vec![b' '; 16 << 20]).unwrap();
    packed.finish().unwrap()
}

#[test]
fn nobody_follows_to_another_server_with_the_token() {
    let other = Served::start(|_| Reply::json("{}"));
    let there = other.address().to_string();
    let served = faulty(move |_, _| {
        let mut moved = Reply::status(307, "moved");
        moved.headers.push(("location", format!("{there}/topics/workspaces")));
        Some(moved)
    });
    let error = fetch(&served).unwrap_err().to_string();
    assert!(error.contains(&other.address().to_string()), "{error}");
    assert!(other.asked().is_empty());
    assert_eq!(served.asked().len(), 1);
}

#[test]
fn an_answer_without_an_end_is_left() {
    let served = faulty(|asked, _| {
        let endless = asked.path.contains("/runs/");
        endless.then(|| Reply::json(vec![b' '; 1 << 16]).given(Manner::Endlessly))
    });
    let token = hindcast_server::Token::new(TOKEN).unwrap();
    let client = served.client_with(Some(token), Patience { document: 1 << 20, ..hasty() });
    let error = Desk::new().fetch(&client, "production", &["R6Lf"]).unwrap_err().to_string();
    assert!(error.contains("/runs/R6Lf: more than 1048576 bytes"), "{error}");
}

#[test]
fn a_server_that_speaks_no_tls_is_told_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        // What other servers say to what is no HTTP. Nobody is let in again.
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    });
    let client =
        hindcast_server::Client::with_patience(address.parse().unwrap(), None, None, hasty());
    let error = Desk::new().fetch(&client, "production", &["R6Lf"]).unwrap_err();
    let told = format!(
        "{address}: no secure connection: what answers there does not speak TLS: is it http:// rather than https://?"
    );
    assert_eq!(error.to_string(), told);
    assert!(error.detail().unwrap().contains("InvalidContentType"), "{error:?}");
}

#[test]
fn pages_that_always_lead_on_come_to_an_end() {
    let served = faulty(|asked, _| {
        let page = format!(
            r#"{{"metrics":[{{"executionId":"R6Lf:1:1","key":"k","value":1,"at":1}}],"cursor":":{}"}}"#,
            asked.query.get("after").map_or(0, |after| after[1..].parse::<u32>().unwrap() + 1)
        );
        (asked.path == "/metrics").then(|| Reply::json(page))
    });
    let patience = Patience { pages: 20, ..hasty() };
    let token = hindcast_server::Token::new(TOKEN).unwrap();
    let desk = Desk::new();
    let client = served.client_with(Some(token), patience);
    let error = desk.fetch(&client, "production", &["R6Lf"]).unwrap_err();
    assert!(matches!(error, ServerError::Endless { pages: 20, .. }), "{error}");
}

#[test]
fn missing_blobs_are_told_and_the_run_opens() {
    let served = faulty(|asked, _| {
        asked.path.starts_with("/blobs/").then(|| Reply::status(404, "not_found"))
    });
    let desk = Desk::new();
    let fetched = desk.fetch(&served.client(), "production", &["R6Lf"]).unwrap();
    assert!(fetched.blobs_missing > 30);
    let told = fetched.found.findings[0].to_string();
    assert!(told.contains("of the blobs are not on the server"), "{told}");
    desk.import(fetched.found);
}

#[test]
fn nobody_listens() {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client =
        hindcast_server::Client::with_patience(address.parse().unwrap(), None, None, hasty());
    let error = Desk::new().fetch(&client, "production", &["R6Lf"]).unwrap_err();
    let told = format!(
        "{address}: nothing listens there (connection refused): is the server running, and the port right?"
    );
    assert_eq!(error.to_string(), told);
    // Nobody ever answered there: it is not asked four times.
    let detail = error.detail().unwrap();
    assert!(detail.contains("refused") && detail.contains("(tried 2 times)"), "{detail}");
}

#[test]
fn a_silent_server_is_given_up_and_can_be_left_at_once() {
    let served = Served::start(|_| Reply::json("").given(Manner::Never));
    let desk = Desk::new();
    let patience = Patience { attempts: 2, silence: Duration::from_millis(100), ..hasty() };
    let client = served.client_with(None, patience);
    let error = desk.fetch(&client, "production", &["R6Lf"]).unwrap_err();
    assert!(matches!(error, ServerError::Unreachable { attempts: 2, .. }), "{error}");
    assert!(error.to_string().ends_with("did not answer in time"), "{error}");

    // With the patience of a person's client: it is the person who ends it.
    let client = served.client_with(None, Patience::default());
    let mut told = 0;
    let error = desk.watched(&client, "production", &["R6Lf"], &mut |_| {
        told += 1;
        told < 4
    });
    assert!(matches!(error, Err(ServerError::Cancelled)));
}

#[test]
fn an_interrupted_fetch_goes_on_where_it_was() {
    let served = faulty(|_, _| None);
    let desk = Desk::new();
    let before = std::fs::read(desk.folder().join("hindcast.sqlite")).ok();
    let mut blobs = 0;
    let error = desk.watched(&served.client(), "production", &["R6Lf"], &mut |progress| {
        blobs += usize::from(progress.what.contains("blob "));
        blobs < 20
    });
    assert!(matches!(error, Err(ServerError::Cancelled)));
    let (asked, held) = (served.paths("/blobs/").len(), desk.held());
    assert!(held >= 5, "{held}");
    assert_eq!(std::fs::read(desk.folder().join("hindcast.sqlite")).ok(), before);
    assert!(desk.store.runs().unwrap().is_empty());

    // One of them was damaged meanwhile: it is fetched again.
    let one = desk.folder().join("incoming").read_dir().unwrap().next().unwrap().unwrap().path();
    std::fs::write(&one, b"damaged").unwrap();
    let fetched = desk.fetch(&served.client(), "production", &["R6Lf"]).unwrap();
    let all = fetched.found.blobs.len();
    assert_eq!(fetched.blobs_fetched, all - held + 1);
    // Those that were under way when it was cancelled may be counted late.
    let late = Patience::default().at_once;
    assert!(served.paths("/blobs/").len() - asked <= all - held + 1 + late);
    desk.import(fetched.found);
    let id = "R6Lf".parse().unwrap();
    let run = desk.store.load(&id).unwrap().run;
    assert!(desk.store.missing_blobs(&run).is_empty());
}
