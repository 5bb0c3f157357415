//! Standard output of a process: waited for, or looked for all the time.

use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::unix::pipe;

/// Our end of the pipe.
#[derive(Debug)]
pub(super) struct Stdout {
    pipe: pipe::Receiver,
    /// Whether something was seen in it of which the runtime may not have heard yet.
    is_seen: bool,
}

impl Stdout {
    pub(super) fn new(pipe: pipe::Receiver) -> Self {
        Self { pipe, is_seen: false }
    }

    /// Looks until there is something to read, its end included, or until this moment. The thread is
    /// busy meanwhile, but lets others have its core: the process may have to run just there.
    pub(super) fn look(&mut self, until: Instant) {
        while !self.is_seen && Instant::now() < until {
            let mut pipe = [PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)];
            // What is wrong with it is told to whoever reads.
            self.is_seen = poll(&mut pipe, PollTimeout::ZERO) != Ok(0);
            if !self.is_seen {
                thread::yield_now();
            }
        }
    }
}

impl AsyncRead for Stdout {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.is_seen) {
            match read(&self.pipe, buffer.initialize_unfilled()) {
                Ok(length) => {
                    buffer.advance(length);
                    return Poll::Ready(Ok(()));
                }
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        Pin::new(&mut self.pipe).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn what_is_seen_can_be_read_at_once_and_what_is_not_is_waited_for() {
        let (mut theirs, ours) = pipe::pipe().unwrap();
        let mut stdout = Stdout::new(ours);
        let soon = || Instant::now() + Duration::from_secs(60);
        let mut said = [0; 5];

        nix::unistd::write(&theirs, b"first").unwrap();
        stdout.look(soon());
        assert!(stdout.is_seen);
        // The runtime had no chance to hear of it.
        let length = at_once(stdout.read(&mut said)).expect("it is there").unwrap();
        assert_eq!(&said[..length], b"first");

        stdout.look(Instant::now());
        assert!(!stdout.is_seen);
        let (_, length) = tokio::join!(theirs.write_all(b"later"), stdout.read(&mut said));
        assert_eq!(&said[..length.unwrap()], b"later");

        drop(theirs);
        stdout.look(soon());
        assert!(stdout.is_seen, "the end is seen as well");
        assert_eq!(stdout.read(&mut said).await.unwrap(), 0);
    }

    /// What a future comes to without waiting.
    fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
}
