//! A payment service over HTTP: takes every charge, and numbers it as the recorded one did.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::outside::Accepted;

/// No order of the shop comes near; a longer body is not from it.
const LONGEST_BODY: usize = 64 * 1024;

pub(crate) fn serve(mut stream: &TcpStream, accepted: Accepted<'_>) -> io::Result<()> {
    let body = read_body(&mut BufReader::new(stream))?;
    let charge = charge_id(&body);
    accepted(body);
    let answer = format!(r#"{{"charge": "{charge}"}}"#);
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{answer}",
        answer.len()
    )
}

fn read_body(reader: &mut impl BufRead) -> io::Result<String> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; LONGEST_BODY.min(length)];
    reader.read_exact(&mut body)?;
    String::from_utf8(body).map_err(io::Error::other)
}

/// `ch_20260304008_0001`: the order's digits, then how many charges this process has taken.
fn charge_id(body: &str) -> String {
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let number = TAKEN.fetch_add(1, Ordering::Relaxed) + 1;
    let order = body.split('"').skip_while(|part| *part != "order").nth(2).unwrap_or("unknown");
    let digits: String = order.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("ch_{digits}_{number:04}")
}
