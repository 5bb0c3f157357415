//! A mail server: as much of SMTP (RFC 5321) as Python's `smtplib` speaks to deliver a message.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

use crate::outside::Accepted;

pub(crate) fn serve(mut stream: &TcpStream, accepted: Accepted<'_>) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    stream.write_all(b"220 shop ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                accepted(read_message(&mut lines)?);
                stream.write_all(b"250 delivered\r\n")?;
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => stream.write_all(b"250 ok\r\n")?,
        }
    }
    Ok(())
}

/// Reads up to the lone dot; a line's doubled first dot stands for one (RFC 5321, 4.5.2).
fn read_message(lines: &mut impl Iterator<Item = io::Result<String>>) -> io::Result<String> {
    let mut message = Vec::new();
    for line in lines {
        let line = line?;
        if line == "." {
            return Ok(message.join("\n"));
        }
        message.push(line.strip_prefix('.').map_or(line.clone(), str::to_owned));
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
