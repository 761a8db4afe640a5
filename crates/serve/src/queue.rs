//! Requests that wait for their lists, and the threads that make them.
//!
//! Lists of several users in one product cost less than one after another. So a thread takes whatever waits, up to `TOGETHER`, and makes these lists
//! at once; nobody waits for others to come. Lists of batches wait in a line of their own, and the threads take from both in turn: a large batch does
//! not delay single requests by more than a turn.
//!
//! Where a list costs less than waking a thread and being woken by it (a model with few items, a short history, no reasons), the thread that reads
//! requests makes single lists itself, after it has read all requests that are there. These wait in a third line.

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

impl Task {
    /// Returns how many lists the task makes.
    fn lists(&self) -> usize {
        match self {
            Task::Recommend(_) => 1,
            Task::Similar(plan) => plan.items.len(),
        }
    }
}

/// How urgent a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Somebody waits for this one.
    Single,
    /// The task belongs to a batch.
    Batch,
}

struct Job {
    served: Arc<Served>,
    task: Task,
    reply: oneshot::Sender<Vec<Vec<u8>>>,
}

/// Tasks in the order in which they came.
#[derive(Default)]
struct Jobs {
    jobs: VecDeque<Job>,
    /// How many lists these tasks make.
    lists: usize,
}

#[derive(Default)]
struct Waiting {
    /// Single lists that the threads of the runtime make.
    quick: Jobs,
    single: Jobs,
    batch: Jobs,
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
    /// Starts `threads` threads.
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
        let (new, count) = (tasks.iter().map(Task::lists).sum::<usize>(), waiting.count(line));
        if waiting.is_closed || count + new > self.shared.most {
            let message = format!("{count} lists wait already: try again in a second");
            return Err(Refusal::new(503, "busy", message));
        }
        let (mut is_here, mut others) = (false, 0);
        let receivers = tasks.into_iter().map(|task| {
            let (reply, receiver) = oneshot::channel();
            let is_quick = line == Line::Single && is_quick(&task, served);
            let line = match line {
                _ if is_quick => &mut waiting.quick,
                Line::Single => &mut waiting.single,
                Line::Batch => &mut waiting.batch,
            };
            line.push(Job { served: served.clone(), task, reply });
            is_here |= is_quick;
            others += usize::from(!is_quick);
            receiver
        });
        let receivers: Vec<_> = receivers.collect();
        // A task of the runtime that is under way comes to a quick one before it ends.
        let is_new = is_here && waiting.tasks < self.shared.threads;
        waiting.tasks += usize::from(is_new);
        drop(waiting);
        if is_new {
            tokio::spawn(here(self.shared.clone()));
        }
        match others {
            0 => {}
            1 => self.shared.arrived.notify_one(),
            _ => self.shared.arrived.notify_all(),
        }
        Ok(receivers)
    }

    /// Returns how many lists wait.
    pub fn waiting(&self) -> usize {
        let waiting = self.shared.lock();
        waiting.count(Line::Single) + waiting.count(Line::Batch)
    }
}

/// Items that a new user may have, or that may be denied, where the list is made by a thread that reads requests.
const SHORT: usize = 256;

/// Whether a list costs less than the way to another thread and back.
fn is_quick(task: &Task, served: &Served) -> bool {
    match task {
        Task::Recommend(plan) => {
            served.scorer.is_quick() && !plan.why && plan.named() <= SHORT && !plan.left_out.is_mask()
        }
        Task::Similar(_) => false,
    }
}

/// Makes quick lists on a thread of the runtime, until none waits.
async fn here(shared: Arc<Shared>) {
    loop {
        // Requests that are there already are read first: their lists are made together.
        tokio::task::yield_now().await;
        let jobs = {
            let mut waiting = shared.lock();
            if waiting.quick.jobs.is_empty() {
                waiting.tasks -= 1;
                return;
            }
            waiting.quick.some()
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
    /// How many lists wait in a line.
    fn count(&self, line: Line) -> usize {
        match line {
            Line::Single => self.quick.lists + self.single.lists,
            Line::Batch => self.batch.lists,
        }
    }

    /// Takes tasks for a thread that makes lists; none where none wait.
    fn next(&mut self) -> Vec<Job> {
        let is_batch = (self.is_batch_next && !self.batch.jobs.is_empty()) || self.single.jobs.is_empty();
        self.is_batch_next = !is_batch;
        if is_batch { self.batch.some() } else { self.single.some() }
    }
}

impl Jobs {
    fn push(&mut self, job: Job) {
        self.lists += job.task.lists();
        self.jobs.push_back(job);
    }

    /// Takes the first tasks, as far as they can be computed together.
    fn some(&mut self) -> Vec<Job> {
        let first = self.jobs.front();
        let together = first.map_or(0, |first| {
            1 + self.jobs.iter().skip(1).take(TOGETHER - 1).take_while(|job| job.goes_with(first)).count()
        });
        let jobs: Vec<Job> = self.jobs.drain(..together).collect();
        self.lists -= jobs.iter().map(|job| job.task.lists()).sum::<usize>();
        jobs
    }
}

impl Job {
    /// Whether the lists of two jobs are as long and by the same run, and neither leaves out nearly all items: such a mask is as long as the
    /// catalogue, and one is enough in memory.
    fn goes_with(&self, other: &Job) -> bool {
        match (&self.task, &other.task) {
            (Task::Recommend(one), Task::Recommend(two)) => {
                let is_mask = one.left_out.is_mask() || two.left_out.is_mask();
                one.top == two.top && !is_mask && Arc::ptr_eq(&self.served, &other.served)
            }
            _ => false,
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
                while waiting.single.jobs.is_empty() && waiting.batch.jobs.is_empty() {
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
            self.metrics.made(jobs.iter().map(|job| job.task.lists()).sum());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{RecommendAsk, SimilarAsk};
    use crate::routes::PATHS;
    use crate::served::About;
    use anchorrec_data::Dataset;
    use anchorrec_recommender::Embeddings;
    use anchorrec_retrieval::fold_in::Way;
    use ndarray::array;

    /// Lines behind which no thread stands, and a run of two users and three items.
    fn stopped() -> (Queue, Arc<Served>, Limits) {
        let folder = tempfile::tempdir().unwrap();
        let rows = "userID\titemID\tx_label\n0\t0\t0\n0\t1\t1\n1\t2\t0\n1\t1\t1\n";
        std::fs::write(folder.path().join("shop.inter"), rows).unwrap();
        let dataset = Dataset::load(folder.path()).unwrap();
        let items = array![[3.0, 0.0], [2.0, 5.0], [1.0, 1.0]];
        let vectors = Embeddings { users: array![[1.0, 0.0], [0.0, 1.0]], items: items.clone() };
        let spaces = vec![("final".to_owned(), items)];
        let served = Served::by_vectors(About::default(), &dataset, vectors, None, Way::Mean, spaces).unwrap();
        let limits = Limits { waiting: 10, ..Limits::default() };
        let metrics = Arc::new(Metrics::new(PATHS));
        let shared = Shared { waiting: Mutex::default(), arrived: Condvar::new(), threads: 0, most: 10, metrics };
        (Queue { shared: Arc::new(shared), _pools: Vec::new() }, Arc::new(served), limits)
    }

    fn list(served: &Served, limits: &Limits, ask: RecommendAsk) -> Task {
        Task::Recommend(Plan::of(RecommendAsk { user: Some("0".to_owned()), ..ask }, served, limits).unwrap())
    }

    #[test]
    fn batches_do_not_shut_out_those_who_ask_for_one_list() {
        let (queue, served, limits) = stopped();
        let some = |n: usize| (0..n).map(|_| list(&served, &limits, RecommendAsk::default())).collect::<Vec<_>>();
        queue.submit(&served, some(10), Line::Batch).unwrap();
        assert_eq!(queue.submit(&served, some(1), Line::Batch).unwrap_err().reason, "busy");
        queue.submit(&served, some(4), Line::Single).unwrap();
        // Several lists of one task count as several.
        let items = vec!["0".to_owned(); 6];
        let ask = SimilarAsk { items, space: None, top: None, images: false };
        let similar = || Task::Similar(SimilarPlan::of(&ask, &served, &limits).unwrap());
        queue.submit(&served, vec![similar()], Line::Single).unwrap();
        assert_eq!(queue.waiting(), 20);
        let refused = queue.submit(&served, some(1), Line::Single).unwrap_err();
        assert_eq!((refused.status, refused.message.as_str()), (503, "10 lists wait already: try again in a second"));
        // What is taken out no longer counts.
        let mut waiting = queue.shared.lock();
        assert_eq!((waiting.quick.some().len(), waiting.single.some().len(), waiting.batch.some().len()), (4, 1, 10));
        assert_eq!((waiting.count(Line::Single), waiting.count(Line::Batch)), (0, 0));
    }

    #[test]
    fn what_takes_long_is_not_made_by_threads_that_read_requests() {
        let (_, served, limits) = stopped();
        let task = |ask: RecommendAsk| list(&served, &limits, ask);
        let some = |n: usize| Some(vec!["1".to_owned(); n]);
        assert!(is_quick(&task(RecommendAsk { items: some(3), deny: some(2), ..RecommendAsk::default() }), &served));
        for ask in [
            RecommendAsk { why: true, ..RecommendAsk::default() },
            RecommendAsk { allow: some(1), ..RecommendAsk::default() },
        ] {
            assert!(!is_quick(&task(ask), &served));
        }
        let mut plan = Plan::of(RecommendAsk { items: some(1), ..RecommendAsk::default() }, &served, &limits).unwrap();
        plan.who = crate::plan::Who::New((0..1000).collect());
        assert!(!is_quick(&Task::Recommend(plan), &served));
    }

    #[test]
    fn of_lists_that_leave_out_nearly_all_items_one_is_made_at_a_time() {
        let (queue, served, limits) = stopped();
        let allow = Some(vec!["1".to_owned()]);
        let tasks = [None, None, allow.clone(), allow, None, None]
            .map(|allow| list(&served, &limits, RecommendAsk { allow, ..RecommendAsk::default() }));
        queue.submit(&served, tasks.into_iter().collect(), Line::Batch).unwrap();
        let mut waiting = queue.shared.lock();
        let together: Vec<usize> = (0..5).map(|_| waiting.batch.some().len()).collect();
        assert_eq!(together, [2, 1, 1, 2, 0]);
    }
}
