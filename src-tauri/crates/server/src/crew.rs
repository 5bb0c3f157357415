//! Several questions at once. Whoever waits for the answers can stop at any time, even while a
//! server is silent.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::client::Question;
use crate::{Client, ServerError, Watch};

/// How often to look whether the person still wants it.
const LOOK: Duration = Duration::from_millis(50);

type Questions = Arc<Mutex<VecDeque<(usize, Question)>>>;
type Answer = (usize, Result<Option<Vec<u8>>, ServerError>);

/// Says stop when it is dropped: threads that wait for a server do not go on for nobody.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Client {
    /// Asks all of these, and hands each answer to `take` as it comes, with its question's index.
    pub(crate) fn ask_all(
        &self,
        questions: Vec<Question>,
        watch: &mut Watch<'_, '_>,
        mut take: impl FnMut(usize, Option<Vec<u8>>, &mut Watch<'_, '_>) -> Result<(), ServerError>,
    ) -> Result<(), ServerError> {
        let mut left = questions.len();
        let threads = left.min(self.patience().at_once.max(1));
        let stop = Stop(Arc::default());
        let questions: Questions =
            Arc::new(Mutex::new(questions.into_iter().enumerate().collect()));
        let (send, answers) = sync_channel(threads);
        for _ in 0..threads {
            let (client, questions) = (self.clone(), Arc::clone(&questions));
            let (send, stop) = (send.clone(), Arc::clone(&stop.0));
            std::thread::Builder::new()
                .name("hindcast-fetch".into())
                .spawn(move || work(&client, &questions, &send, &stop))
                .map_err(|error| ServerError::Machine { doing: "start a thread", error })?;
        }
        drop(send);
        while left > 0 {
            watch.check()?;
            match answers.recv_timeout(LOOK) {
                Ok((index, answer)) => {
                    let answer = answer?;
                    watch.came(answer.as_ref().map_or(0, |bytes| bytes.len() as u64));
                    take(index, answer, watch)?;
                    left -= 1;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let error = std::io::ErrorKind::BrokenPipe.into();
                    return Err(ServerError::Machine { doing: "fetch", error });
                }
            }
        }
        Ok(())
    }

    /// Asks one question.
    pub(crate) fn ask_one(
        &self,
        question: Question,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Option<Vec<u8>>, ServerError> {
        let mut answer = None;
        self.ask_all(vec![question], watch, |_, bytes, _| {
            answer = bytes;
            Ok(())
        })?;
        Ok(answer)
    }
}

fn work(client: &Client, questions: &Questions, send: &SyncSender<Answer>, stop: &AtomicBool) {
    loop {
        let next = questions.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some((index, question)) = next.filter(|_| !stop.load(Ordering::Relaxed)) else {
            return;
        };
        if send.send((index, client.ask(&question, stop))).is_err() {
            return;
        }
    }
}
