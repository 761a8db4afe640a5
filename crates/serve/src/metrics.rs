//! What the server counts, as Prometheus reads it.

use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Statuses that are counted one by one; any other is counted as `other`.
const STATUSES: [u16; 14] = [200, 400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 500, 503, 0];
/// Upper bounds of the seconds that requests take.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 10.0];
/// Upper bounds of how many lists are made at once.
const TOGETHER: [f64; 6] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

/// How often a value fell under each bound.
struct Histogram<const N: usize> {
    bounds: [f64; N],
    counts: [AtomicU64; N],
    all: AtomicU64,
    /// The sum, in millionths.
    sum: AtomicU64,
}

impl<const N: usize> Histogram<N> {
    fn new(bounds: [f64; N]) -> Self {
        Histogram { bounds, counts: [const { AtomicU64::new(0) }; N], all: AtomicU64::new(0), sum: AtomicU64::new(0) }
    }

    fn add(&self, value: f64) {
        if let Some(place) = self.bounds.iter().position(|&bound| value <= bound) {
            self.counts[place].fetch_add(1, Relaxed);
        }
        self.sum.fetch_add((value * 1e6) as u64, Relaxed);
        self.all.fetch_add(1, Relaxed);
    }

    fn write(&self, text: &mut String, name: &str, help: &str) {
        head(text, name, "histogram", help);
        let mut below = 0;
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            below += count.load(Relaxed);
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {below}");
        }
        let all = self.all.load(Relaxed).max(below);
        let sum = self.sum.load(Relaxed) as f64 / 1e6;
        let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {sum}\n{name}_count {all}");
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// The counters of a server.
pub struct Metrics {
    started: Instant,
    routes: &'static [&'static str],
    /// Requests by route, the last one for paths that are none, and status.
    requests: Vec<[AtomicU64; STATUSES.len()]>,
    seconds: Histogram<12>,
    together: Histogram<6>,
    /// Lists that were made.
    lists: AtomicU64,
    /// Open connections.
    pub connections: AtomicI64,
    /// Connections that were ended because a request or the reading of an answer was begun and took too long.
    pub slow: AtomicU64,
    /// Connections that were ended because no request was begun on them.
    pub idle: AtomicU64,
    /// Runs that were loaded in place of another.
    pub swapped: AtomicU64,
    /// Runs that could not be loaded, so that the one before stayed.
    pub kept: AtomicU64,
}

/// What is true at the moment of a scrape.
pub struct Now<'a> {
    /// Lists that wait to be made.
    pub waiting: usize,
    /// The run that is served, once there is one.
    pub run: Option<Run<'a>>,
}

/// The run that is served at the moment of a scrape.
pub struct Run<'a> {
    /// The model that is served.
    pub model: &'a str,
    /// The data set.
    pub data: &'a str,
    /// The run as answers name it.
    pub name: &'a str,
    /// When the run was loaded.
    pub loaded: SystemTime,
}

impl Metrics {
    /// Begins to count requests for these routes.
    pub fn new(routes: &'static [&'static str]) -> Self {
        let requests = (0..=routes.len()).map(|_| [const { AtomicU64::new(0) }; STATUSES.len()]).collect();
        Metrics {
            started: Instant::now(),
            routes,
            requests,
            seconds: Histogram::new(SECONDS),
            together: Histogram::new(TOGETHER),
            lists: AtomicU64::new(0),
            connections: AtomicI64::new(0),
            slow: AtomicU64::new(0),
            idle: AtomicU64::new(0),
            swapped: AtomicU64::new(0),
            kept: AtomicU64::new(0),
        }
    }

    /// Counts a request that was answered.
    pub fn answered(&self, route: Option<&str>, status: u16, took: Duration) {
        let route = route.and_then(|route| self.routes.iter().position(|known| *known == route));
        let status = STATUSES.iter().position(|known| *known == status).unwrap_or(STATUSES.len() - 1);
        self.requests[route.unwrap_or(self.routes.len())][status].fetch_add(1, Relaxed);
        self.seconds.add(took.as_secs_f64());
    }

    /// Counts lists that are made at once.
    pub fn made(&self, together: usize) {
        self.together.add(together as f64);
        self.lists.fetch_add(together as u64, Relaxed);
    }

    /// Writes everything in Prometheus' text format.
    pub fn text(&self, now: &Now) -> String {
        let mut text = String::new();
        let one = |text: &mut String, name: &str, kind: &str, help: &str, value: f64| {
            head(text, name, kind, help);
            let _ = writeln!(text, "{name} {value}");
        };
        head(&mut text, "anchorrec_requests_total", "counter", "Requests by route and HTTP status.");
        let routes = self.routes.iter().copied().chain(["other"]);
        for (route, counts) in routes.zip(&self.requests) {
            for (status, count) in STATUSES.iter().zip(counts) {
                let count = count.load(Relaxed);
                if count > 0 {
                    let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
                    let _ = writeln!(text, "anchorrec_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}");
                }
            }
        }
        self.seconds.write(&mut text, "anchorrec_request_seconds", "Seconds from a request's headers to its answer.");
        self.together.write(&mut text, "anchorrec_lists_together", "Lists that were made at once.");
        let count = |counter: &AtomicU64| counter.load(Relaxed) as f64;
        one(&mut text, "anchorrec_lists_total", "counter", "Lists that were made.", count(&self.lists));
        one(&mut text, "anchorrec_waiting", "gauge", "Lists that wait to be made.", now.waiting as f64);
        let open = self.connections.load(Relaxed) as f64;
        one(&mut text, "anchorrec_connections", "gauge", "Open connections.", open);
        let help = "Connections that were ended because the client was too slow with a request or an answer.";
        one(&mut text, "anchorrec_slow_connections_total", "counter", help, count(&self.slow));
        let help = "Connections that were ended because no request came on them.";
        one(&mut text, "anchorrec_idle_connections_total", "counter", help, count(&self.idle));
        head(&mut text, "anchorrec_reloads_total", "counter", "Attempts to load another run, by what came of them.");
        for (result, counter) in [("swapped", &self.swapped), ("kept", &self.kept)] {
            let _ = writeln!(text, "anchorrec_reloads_total{{result=\"{result}\"}} {}", counter.load(Relaxed));
        }
        if let Some(run) = &now.run {
            head(&mut text, "anchorrec_run_info", "gauge", "The run that is served.");
            let [model, data, name] = [run.model, run.data, run.name].map(escaped);
            let _ = writeln!(text, "anchorrec_run_info{{model=\"{model}\",data=\"{data}\",run=\"{name}\"}} 1");
            let loaded = run.loaded.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64().round();
            one(&mut text, "anchorrec_run_loaded_timestamp_seconds", "gauge", "When the run was loaded.", loaded);
        }
        let uptime = self.started.elapsed().as_secs_f64();
        one(&mut text, "anchorrec_uptime_seconds", "gauge", "Seconds since the server started.", uptime);
        if let Some(bytes) = resident() {
            let help = "Resident memory of the process.";
            one(&mut text, "process_resident_memory_bytes", "gauge", help, bytes as f64);
        }
        text
    }
}

/// A label's value.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The resident memory of this process, where the system says it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_as_prometheus_reads_them() {
        let metrics = Metrics::new(&["/recommend"]);
        metrics.answered(Some("/recommend"), 200, Duration::from_micros(700));
        metrics.answered(Some("/recommend"), 200, Duration::from_secs(20));
        metrics.answered(None, 404, Duration::from_millis(3));
        metrics.made(3);
        let run = Run { model: "A \"b\"", data: "shop", name: "1-ab", loaded: UNIX_EPOCH };
        let text = metrics.text(&Now { waiting: 2, run: Some(run) });
        for line in [
            "anchorrec_requests_total{route=\"/recommend\",status=\"200\"} 2",
            "anchorrec_requests_total{route=\"other\",status=\"404\"} 1",
            "anchorrec_request_seconds_bucket{le=\"0.0005\"} 0",
            "anchorrec_request_seconds_bucket{le=\"0.001\"} 1",
            "anchorrec_request_seconds_bucket{le=\"10\"} 2",
            "anchorrec_request_seconds_bucket{le=\"+Inf\"} 3",
            "anchorrec_lists_together_bucket{le=\"4\"} 1",
            "anchorrec_lists_total 3",
            "anchorrec_waiting 2",
            "anchorrec_run_info{model=\"A \\\"b\\\"\",data=\"shop\",run=\"1-ab\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        // Every sample stands under a type of its own name.
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            let of = |suffix| name.strip_suffix(suffix).unwrap_or(name);
            let names = [name, of("_bucket"), of("_sum"), of("_count")];
            assert!(names.iter().any(|name| text.contains(&format!("# TYPE {name} "))), "{line}");
        }
    }
}
