//! Paths to answers.
//!
//! A handler says what is asked for; what has to be computed waits in the [`queue`](crate::queue). Around every one stands `around`: who may ask, what is
//! counted, and which headers all answers have.

use crate::answer;
use crate::app::App;
use crate::ask::{BatchAsk, RecommendAsk, SimilarAsk};
use crate::body;
use crate::guard::Guard;
use crate::metrics::Now;
use crate::page;
use crate::plan::{self, Plan, SimilarPlan};
use crate::query::Query;
use crate::queue::{Line, Task};
use crate::refusal::Refusal;
use crate::served::Served;
use crate::swap::Current;
use anchorrec_files::few;
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Instant, UNIX_EPOCH};

/// The description of all routes, for programs that write clients.
pub const OPENAPI: &str = include_str!("openapi.json");

/// Paths that ask for no token: they say nothing of users or items.
const OPEN: [&str; 7] = ["/", "/page.css", "/page.js", "/icon.svg", "/healthz", "/readyz", "/openapi.json"];

/// All paths.
pub const PATHS: &[&str] = &[
    "/",
    "/page.css",
    "/page.js",
    "/icon.svg",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/run",
    "/recommend",
    "/recommend/batch",
    "/similar",
    "/items",
    "/items/{id}",
    "/users",
    "/users/{id}",
];

/// Items that a search finds at most.
const FOUND: usize = 20;

type Answered = Result<Response, Refusal>;

/// Makes the routes of a server.
pub fn routes(app: Arc<App>) -> Router {
    let routes = PATHS.iter().fold(Router::new(), |router, path| router.route(path, handler(path)));
    routes.fallback(unknown).layer(middleware::from_fn_with_state(app.clone(), around)).with_state(app)
}

/// The handler of one of [`PATHS`].
fn handler(path: &str) -> MethodRouter<Arc<App>> {
    match path {
        "/" => get(async || page::index()),
        "/page.css" => get(async || page::style()),
        "/page.js" => get(async || page::script()),
        "/icon.svg" => get(async || page::icon()),
        "/healthz" => get(async || text("application/json", "{\"status\":\"alive\"}\n")),
        "/readyz" => get(async |app| or_refusal(ready(app))),
        "/metrics" => get(async |app| metrics(app)),
        "/openapi.json" => get(async || text("application/json", OPENAPI)),
        "/run" => get(async |app| run(app)),
        "/recommend" => get(async |app, query| or_refusal(recommend_get(app, query).await))
            .post(async |app, request| or_refusal(recommend_post(app, request).await)),
        "/recommend/batch" => post(async |app, request| or_refusal(batch(app, request).await)),
        "/similar" => get(async |app, query| or_refusal(similar_get(app, query).await))
            .post(async |app, request| or_refusal(similar_post(app, request).await)),
        "/items" => get(async |app, query| or_refusal(search(app, query).await)),
        "/items/{id}" => get(async |app, id| or_refusal(item(app, id))),
        "/users" => get(async |app, query| or_refusal(users(app, query))),
        "/users/{id}" => get(async |app, id| or_refusal(user(app, id))),
        other => unreachable!("{other} has no handler"),
    }
}

/// Lets a request pass or not, counts it, and gives its answer the headers that all have.
async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map(MatchedPath::as_str);
    let passed = may_pass(&app, route, request.headers());
    let mut response = match passed {
        Ok(()) => next.run(request).await,
        Err(refusal) => refused(&refusal),
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let message = "this path takes other methods: the header `Allow` names them";
        response = refused(&Refusal::new(405, "wrong-method", message));
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    app.metrics.answered(route, response.status().as_u16(), started.elapsed());
    response
}

/// Checks whether whoever asks may have an answer.
fn may_pass(app: &App, route: Option<&str>, headers: &HeaderMap) -> Result<(), Refusal> {
    if matches!(app.guard, Guard::Token(_)) && route.is_some_and(|route| OPEN.contains(&route)) {
        return Ok(());
    }
    let head = |name| headers.get(name).map(HeaderValue::as_bytes);
    app.guard.check(head(header::HOST), head(header::AUTHORIZATION))
}

async fn unknown() -> Response {
    refused(&Refusal::new(404, "no-such-path", "there is no such path: /openapi.json lists all of them"))
}

fn or_refusal(answered: Answered) -> Response {
    answered.unwrap_or_else(|refusal| refused(&refusal))
}

fn refused(refusal: &Refusal) -> Response {
    let mut response = answer("application/json", refusal.body());
    *response.status_mut() = StatusCode::from_u16(refusal.status).expect("a refusal has an HTTP status");
    let name_and_value = match refusal.status {
        401 => Some((header::WWW_AUTHENTICATE, "Bearer")),
        503 => Some((header::RETRY_AFTER, "1")),
        // Whatever is left of the body is not read.
        408 | 413 => Some((header::CONNECTION, "close")),
        _ => None,
    };
    response.headers_mut().extend(name_and_value.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

fn text(kind: &'static str, text: &'static str) -> Response {
    answer(kind, text)
}

fn answer(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// An answer by a run, which a header names.
fn by(current: &Current, body: Vec<u8>) -> Response {
    let mut response = answer("application/json", body);
    let name = HeaderValue::from_str(&current.name).expect("a number and hexadecimal digits");
    response.headers_mut().insert("anchorrec-run", name);
    response
}

fn ready(State(app): State<Arc<App>>) -> Answered {
    match app.is_ending.load(Relaxed) {
        false => Ok(text("application/json", "{\"status\":\"ready\"}\n")),
        true => Err(Refusal::new(503, "ending", "the server is about to end: ask another one")),
    }
}

fn metrics(State(app): State<Arc<App>>) -> Response {
    let current = app.swap.current();
    let about = &current.served.about;
    let now = Now {
        waiting: app.queue.waiting(),
        model: &about.model,
        data: &about.data,
        run: &current.name,
        loaded: current.loaded,
    };
    answer("text/plain; version=0.0.4", app.metrics.text(&now))
}

fn run(State(app): State<Arc<App>>) -> Response {
    let current = app.swap.current();
    let served = &current.served;
    let spaces: Vec<&str> = served.spaces.iter().map(|space| space.name.as_str()).collect();
    let mut run = serde_json::to_value(&served.about).expect("what is said of a run is JSON");
    run["run"] = json!(&*current.name);
    run["loaded"] = json!(current.loaded.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs());
    run["users"] = json!(served.user_names.len());
    run["items"] = json!(served.names.count());
    run["spaces"] = json!(spaces);
    run["images"] = json!(served.images.is_some());
    run["limits"] = json!({ "top": app.limits.top, "batch": app.limits.batch, "places": app.limits.places,
        "ids": app.limits.ids, "body": app.limits.body });
    by(&current, answer::line(&run))
}

async fn recommend_get(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    recommend(&app, RecommendAsk::of_query(query.as_deref())?).await
}

async fn recommend_post(State(app): State<Arc<App>>, request: Request) -> Answered {
    recommend(&app, body::json(request, &app.limits).await?).await
}

async fn recommend(app: &App, ask: RecommendAsk) -> Answered {
    let current = app.swap.current();
    let plan = Plan::of(ask, &current.served, &app.limits)?;
    let mut answers = computed(app, &current.served, vec![Task::Recommend(plan)], Line::Single).await?;
    Ok(by(&current, answers.swap_remove(0)))
}

/// Several lists; where one request is refused, its answer says so and the others are made.
async fn batch(State(app): State<Arc<App>>, request: Request) -> Answered {
    let BatchAsk { requests } = body::json(request, &app.limits).await?;
    plan::bounded("requests", requests.len(), app.limits.batch)?;
    let current = app.swap.current();
    let plans = {
        let (current, app) = (current.clone(), app.clone());
        // A thousand requests with lists of ids each are no work for a thread that other clients wait for.
        let plan = move || {
            let plans = requests.into_iter().map(|ask| Plan::of(ask, &current.served, &app.limits));
            plans.collect::<Vec<_>>()
        };
        tokio::task::spawn_blocking(plan).await.map_err(|_| body::failed())?
    };
    plan::places(plans.iter().flatten().map(|plan| plan.top).sum(), &app.limits)?;
    let mut refusals = Vec::new();
    let mut tasks = Vec::new();
    for plan in plans {
        refusals.push(plan.as_ref().err().map(Refusal::body));
        tasks.extend(plan.ok().map(Task::Recommend));
    }
    let mut made = computed(&app, &current.served, tasks, Line::Batch).await?.into_iter();
    let answers = refusals.into_iter().map(|refusal| refusal.or_else(|| made.next()).expect("an answer for each task"));
    Ok(by(&current, answer::lists(answers)))
}

async fn similar_get(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    let ask = SimilarAsk::of_query(query.as_deref())?;
    let current = app.swap.current();
    let plan = SimilarPlan::of(&ask, &current.served, &app.limits).map_err(|refusal| match refusal.reason {
        "unknown-items" => unknown_item(&ask.items[0]),
        _ => refusal,
    })?;
    let mut answers = computed(&app, &current.served, vec![Task::Similar(plan)], Line::Single).await?;
    Ok(by(&current, answers.swap_remove(0)))
}

async fn similar_post(State(app): State<Arc<App>>, request: Request) -> Answered {
    let ask: SimilarAsk = body::json(request, &app.limits).await?;
    let current = app.swap.current();
    let SimilarPlan { space, items, top, images } = SimilarPlan::of(&ask, &current.served, &app.limits)?;
    let tasks = items.chunks(32).map(|items| Task::Similar(SimilarPlan { space, items: items.to_vec(), top, images }));
    let answers = computed(&app, &current.served, tasks.collect(), Line::Batch).await?;
    Ok(by(&current, answer::lists(answers)))
}

/// Lets tasks be computed, in the time that the limits give; the answers of all of them, in order.
async fn computed(app: &App, served: &Arc<Served>, tasks: Vec<Task>, line: Line) -> Result<Vec<Vec<u8>>, Refusal> {
    let receivers = app.queue.submit(served, tasks, line)?;
    let all = async {
        let mut answers = Vec::new();
        for receiver in receivers {
            answers.extend(receiver.await.map_err(|_| body::failed())?);
        }
        Ok(answers)
    };
    let late = |_| Refusal::new(503, "busy", "the lists were not made in time: try again in a second");
    tokio::time::timeout(app.limits.request, all).await.map_err(late)?
}

fn unknown_item(id: &str) -> Refusal {
    let message =
        format!("item {} is not known to the data set: /items?search=WORDS finds items by id and title", few([id], 1));
    Refusal::new(404, "unknown-item", message)
}

fn item(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answered {
    let current = app.swap.current();
    let item = current.served.items.find(&id).ok_or_else(|| unknown_item(&id))?;
    Ok(by(&current, answer::line(&answer::item(&current.served, item))))
}

/// Items whose id or title holds all the words, the most popular first; without a word the most popular items.
async fn search(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    let query = Query::read(query.as_deref(), &["search"])?;
    let words = query.one("search")?.unwrap_or_default();
    let current = app.swap.current();
    let found = {
        let current = current.clone();
        // It goes through all titles.
        let find = move || answer::search(&current.served, &words, FOUND);
        tokio::task::spawn_blocking(find).await.map_err(|_| body::failed())?
    };
    Ok(by(&current, found))
}

fn user(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answered {
    let current = app.swap.current();
    let served = &current.served;
    let user = served.users.find(&id).ok_or_else(|| plan::unknown_user(&id, false))?;
    let items: Vec<_> = served.train.of(user).iter().map(|&item| answer::item(served, item)).collect();
    Ok(by(&current, answer::line(&json!({ "user": id, "items": items }))))
}

/// Users whose ids begin so, in the order of the data set.
fn users(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    let query = Query::read(query.as_deref(), &["begin"])?;
    let begin = query.one("begin")?.unwrap_or_default();
    let current = app.swap.current();
    let served = &current.served;
    let known = (0..).zip(&served.user_names).filter(|(user, _)| !served.train.of(*user).is_empty());
    let found: Vec<&String> = known.map(|(_, name)| name).filter(|name| name.starts_with(&begin)).take(FOUND).collect();
    Ok(by(&current, answer::line(&json!({ "users": found }))))
}
