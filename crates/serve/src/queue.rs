//! Requests that wait for their lists, and the threads that make them.
//!
//! Lists of several users in one product cost less than one after another. So a thread takes whatever waits, up to `TOGETHER`, and makes these lists
//! at once; nobody waits for others to come. Lists of batches wait in a line of their own, and the threads take from both in turn: a large batch does
//! not delay single requests by more than a turn.
//!
//! Where a list costs less than waking a thread and being woken by it (a model with few items), the thread that reads requests makes single lists
//! itself, after it has read all requests that are there.

use crate::answer;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::plan::{Plan, SimilarPlan};
use crate::refusal::Refusal;
use crate::served::Served;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Lists that are made at once: as many as a product needs to be fast, and not so many that the last one waits long.
const TOGETHER: usize = 32;

/// Something to be computed.
pub enum Task {
    /// A list for one user.
    Recommend(Plan),
    /// Lists of similar items.
    Similar(SimilarPlan),
}

/// How urgent a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Somebody waits for this one.
    Single,
    /// Part of a batch.
    Batch,
}

struct Job {
    served: Arc<Served>,
    task: Task,
    reply: oneshot::Sender<Vec<Vec<u8>>>,
}

#[derive(Default)]
struct Waiting {
    single: VecDeque<Job>,
    batch: VecDeque<Job>,
    /// Tasks of the runtime that make lists at this moment.
    tasks: usize,
    /// Whether the next turn is the batches'.
    is_batch_next: bool,
    is_closed: bool,
}

struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// Threads that make lists, and as many tasks of the runtime.
    threads: usize,
    most: usize,
    metrics: Arc<Metrics>,
}

/// The lines, and the threads behind them.
pub struct Queue {
    shared: Arc<Shared>,
    /// A pool of one thread each: what a list computes in parallel stays on its thread, and no other one is woken for it.
    _pools: Vec<rayon::ThreadPool>,
}

impl Queue {
    /// Starts so many threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(threads: usize, limits: &Limits, metrics: Arc<Metrics>) -> io::Result<Self> {
        let waiting = Mutex::new(Waiting::default());
        let threads = threads.max(1);
        let shared = Arc::new(Shared { waiting, arrived: Condvar::new(), threads, most: limits.waiting, metrics });
        let pool = |n| {
            let name = move |_| format!("lists-{n}");
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(name).build();
            let pool = pool.map_err(io::Error::other)?;
            let shared = shared.clone();
            pool.spawn(move || shared.work());
            Ok(pool)
        };
        let pools = (0..threads).map(pool).collect::<io::Result<_>>()?;
        Ok(Queue { shared, _pools: pools })
    }

    /// Lets tasks wait; each receiver gets its answers, a line of JSON each, or is dropped where the computation failed. Must be called in a tokio
    /// runtime.
    ///
    /// # Errors
    /// When too many wait already.
    pub fn submit(
        &self,
        served: &Arc<Served>,
        tasks: Vec<Task>,
        line: Line,
    ) -> Result<Vec<oneshot::Receiver<Vec<Vec<u8>>>>, Refusal> {
        let mut waiting = self.shared.lock();
        let count = waiting.single.len() + waiting.batch.len();
        if waiting.is_closed || count + tasks.len() > self.shared.most {
            let message = format!("{count} lists wait already: try again in a second");
            return Err(Refusal::new(503, "busy", message));
        }
        let several = tasks.len() > 1;
        let receivers = tasks.into_iter().map(|task| {
            let (reply, receiver) = oneshot::channel();
            let job = Job { served: served.clone(), task, reply };
            match line {
                Line::Single => waiting.single.push_back(job),
                Line::Batch => waiting.batch.push_back(job),
            }
            receiver
        });
        let receivers = receivers.collect();
        let is_here = line == Line::Single && served.scorer.is_quick();
        let is_new = is_here && waiting.tasks < self.shared.threads;
        waiting.tasks += usize::from(is_new);
        drop(waiting);
        match (is_here, several) {
            (true, _) if is_new => drop(tokio::spawn(here(self.shared.clone()))),
            // A task that is under way comes to it before it ends.
            (true, _) => {}
            (false, true) => self.shared.arrived.notify_all(),
            (false, false) => self.shared.arrived.notify_one(),
        }
        Ok(receivers)
    }

    /// Returns how many tasks wait.
    pub fn waiting(&self) -> usize {
        let waiting = self.shared.lock();
        waiting.single.len() + waiting.batch.len()
    }
}

/// Makes single lists on a thread of the runtime, until none waits.
async fn here(shared: Arc<Shared>) {
    loop {
        // Requests that are there already are read first: their lists are made together.
        tokio::task::yield_now().await;
        let jobs = {
            let mut waiting = shared.lock();
            if waiting.single.is_empty() {
                waiting.tasks -= 1;
                return;
            }
            waiting.some(Line::Single)
        };
        shared.make(jobs);
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.arrived.notify_all();
    }
}

impl Waiting {
    /// Takes tasks that can be computed together; none where none wait.
    fn next(&mut self) -> Vec<Job> {
        let is_batch = (self.is_batch_next && !self.batch.is_empty()) || self.single.is_empty();
        self.is_batch_next = !is_batch;
        self.some(if is_batch { Line::Batch } else { Line::Single })
    }

    /// Takes the first tasks of a line, as far as they can be computed together.
    fn some(&mut self, line: Line) -> Vec<Job> {
        let line = match line {
            Line::Batch => &mut self.batch,
            Line::Single => &mut self.single,
        };
        let together = line.iter().take(TOGETHER).take_while(|job| job.goes_with(&line[0])).count();
        line.drain(..together.max(1).min(line.len())).collect()
    }
}

impl Job {
    /// Whether the lists of two jobs are as long and by the same run.
    fn goes_with(&self, other: &Job) -> bool {
        match (&self.task, &other.task) {
            (Task::Recommend(one), Task::Recommend(two)) => {
                one.top == two.top && Arc::ptr_eq(&self.served, &other.served)
            }
            _ => std::ptr::eq(self, other),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        loop {
            let jobs = {
                let mut waiting = self.lock();
                while waiting.single.is_empty() && waiting.batch.is_empty() {
                    if waiting.is_closed {
                        return;
                    }
                    waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                }
                waiting.next()
            };
            self.make(jobs);
        }
    }

    /// Computes tasks that go together and answers them.
    fn make(&self, mut jobs: Vec<Job>) {
        // Nobody waits any more for what a client gave up.
        jobs.retain(|job| !job.reply.is_closed());
        if let Some(Job { served, .. }) = jobs.first() {
            self.metrics.made(jobs.len());
            // A fault in one computation must not end the thread; its clients are told by the replies that go away.
            if let Ok(answers) = catch_unwind(AssertUnwindSafe(|| answers(served, &jobs))) {
                jobs.into_iter().zip(answers).for_each(|(job, answer)| drop(job.reply.send(answer)));
            }
        }
    }
}

/// The answers of jobs that go together.
fn answers(served: &Served, jobs: &[Job]) -> Vec<Vec<Vec<u8>>> {
    let plans = jobs.iter().map(|job| match &job.task {
        Task::Recommend(plan) => Ok(plan),
        Task::Similar(plan) => Err(plan),
    });
    match plans.collect::<Result<Vec<_>, _>>() {
        Ok(plans) => answer::recommend(served, &plans).into_iter().map(|answer| vec![answer]).collect(),
        Err(plan) => vec![answer::similar(served, plan)],
    }
}
