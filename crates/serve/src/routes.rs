//! Paths to answers.
//!
//! A handler says what is asked for; what has to be computed waits in the [`queue`](crate::queue). Around every one stands `around`: who may ask, what is
//! counted, and which headers all answers have.

use crate::answer::{self, Lists};
use crate::app::App;
use crate::ask::{BatchAsk, RecommendAsk, SimilarAsk};
use crate::body;
use crate::guard::Guard;
use crate::metrics::{self, Now};
use crate::object::Object;
use crate::page;
use crate::plan::{self, Plan, SimilarPlan};
use crate::query::Query;
use crate::queue::{Line, Task};
use crate::refusal::Refusal;
use crate::search;
use crate::served::Served;
use crate::swap::Current;
use anchorrec_files::Excerpt;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{MatchedPath, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use serde_json::json;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Instant, UNIX_EPOCH};
use tokio::sync::oneshot::Receiver;

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

/// Paths whose GET has parameters in its query; no other request has any.
const QUERIED: [&str; 4] = ["/recommend", "/similar", "/items", "/users"];

/// Paths that take a body.
const POSTED: [&str; 3] = ["/recommend", "/recommend/batch", "/similar"];

/// Items or users that a search finds at most.
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
        "/run" => get(async |app| or_refusal(run(app))),
        "/recommend" => get(async |app, query| or_refusal(recommend_get(app, query).await))
            .post(async |app, request| or_refusal(recommend_post(app, request).await)),
        "/recommend/batch" => post(async |app, request| or_refusal(batch(app, request).await)),
        "/similar" => get(async |app, query| or_refusal(similar_get(app, query).await))
            .post(async |app, request| or_refusal(similar_post(app, request).await)),
        "/items" => get(async |app, query| or_refusal(search(app, query).await)),
        "/items/{id}" => get(async |app, id| or_refusal(item(app, id))),
        "/users" => get(async |app, query| or_refusal(users(app, query).await)),
        "/users/{id}" => get(async |app, id| or_refusal(user(app, id).await)),
        other => unreachable!("{other} has no handler"),
    }
}

/// Lets a request pass or not, counts it, and gives its answer the headers that all have.
async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map(MatchedPath::as_str);
    let passed = may_pass(&app, route, request.headers()).and_then(|()| check_query(route, &request));
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
    if matches!(app.guard, Guard::Token { .. }) && route.is_some_and(|route| OPEN.contains(&route)) {
        return Ok(());
    }
    let head = |name| headers.get(name).map(HeaderValue::as_bytes);
    app.guard.check(head(header::HOST), head(header::AUTHORIZATION))
}

/// Refuses a query that nobody would read.
fn check_query(route: Option<&str>, request: &Request) -> Result<(), Refusal> {
    let query = request.uri().query().filter(|query| !query.is_empty());
    let (Some(query), Some(route)) = (query, route) else { return Ok(()) };
    let refused =
        |what: &str, do_instead: &str| Err(Refusal::bad(format!("{what}, found {}: {do_instead}", Excerpt::of(query))));
    match *request.method() {
        Method::GET | Method::HEAD if QUERIED.contains(&route) => Ok(()),
        Method::POST if POSTED.contains(&route) => {
            refused("a POST has no parameters beside its body", "move them into the body")
        }
        Method::GET | Method::HEAD if !POSTED.contains(&route) => {
            refused("this path has no parameters", "leave them out")
        }
        // The method is wrong: that is said first.
        _ => Ok(()),
    }
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
fn by(current: &Current, body: Bytes) -> Response {
    let mut response = answer("application/json", body);
    let name = HeaderValue::from_str(&current.name).expect("a number and hexadecimal digits");
    response.headers_mut().insert("anchorrec-run", name);
    response
}

/// An answer whose length is not known before it is made.
fn whole(app: &App, current: &Current, body: Vec<u8>) -> Answered {
    Ok(by(current, app.unread.room(0)?.hold(body)?))
}

fn ready(State(app): State<Arc<App>>) -> Answered {
    if app.is_ending.load(Relaxed) {
        return Err(Refusal::new(503, "ending", "the server is about to end: ask another one"));
    }
    app.swap.current()?;
    Ok(text("application/json", "{\"status\":\"ready\"}\n"))
}

fn metrics(State(app): State<Arc<App>>) -> Response {
    let current = app.swap.current().ok();
    let run = current.as_deref().map(|Current { served, name, loaded }| metrics::Run {
        model: &served.about.model,
        data: &served.about.data,
        name,
        loaded: *loaded,
    });
    answer("text/plain; version=0.0.4", app.metrics.text(&Now { waiting: app.queue.waiting(), run }))
}

fn run(State(app): State<Arc<App>>) -> Answered {
    let current = app.swap.current()?;
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
        "parts": app.limits.parts, "ids": app.limits.ids, "words": app.limits.words, "body": app.limits.body });
    whole(&app, &current, answer::line(&run))
}

async fn recommend_get(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    let current = app.swap.current()?;
    let plan = Plan::of(RecommendAsk::of_query(query.as_deref())?, &current.served, &app.limits)?;
    recommend(&app, &current, plan).await
}

async fn recommend_post(State(app): State<Arc<App>>, request: Request) -> Answered {
    let current = app.swap.current()?;
    let plan = {
        let (current, app) = (current.clone(), app.clone());
        move |ask| Plan::of(ask, &current.served, &app.limits)
    };
    let plan = body::json(&app, request, plan).await?;
    recommend(&app, &current, plan).await
}

async fn recommend(app: &App, current: &Current, plan: Plan) -> Answered {
    let places = plan.places();
    single(app, current, Task::Recommend(plan), places).await
}

/// The one list of a task, which takes so many places.
async fn single(app: &App, current: &Current, task: Task, places: usize) -> Answered {
    let room = app.unread.room(places)?;
    let mut made = app.queue.submit(&current.served, vec![task], Line::Single)?;
    let list = in_time(app, async { received(made.remove(0)).await.map(|mut made| made.remove(0)) }).await?;
    Ok(by(current, room.hold(list)?))
}

/// Several lists; where one request is refused, its answer says so and the others are made.
async fn batch(State(app): State<Arc<App>>, request: Request) -> Answered {
    let current = app.swap.current()?;
    let plans = {
        let (current, app) = (current.clone(), app.clone());
        move |BatchAsk { requests }| {
            plan::bounded("requests", requests.len(), app.limits.batch)?;
            let plans = requests.into_iter().map(|Object(ask)| Plan::of(ask, &current.served, &app.limits));
            Ok::<_, Refusal>(plans.collect::<Vec<_>>())
        }
    };
    let plans = body::json(&app, request, plans).await?;
    let places = plans.iter().flatten().map(Plan::places).sum();
    plan::places(places, &app.limits)?;
    let room = app.unread.room(places)?;
    let (mut refusals, mut tasks) = (Vec::new(), Vec::new());
    for plan in plans {
        refusals.push(plan.as_ref().err().map(Refusal::body));
        tasks.extend(plan.ok().map(Task::Recommend));
    }
    let mut made = app.queue.submit(&current.served, tasks, Line::Batch)?.into_iter();
    let lists = in_time(&app, async {
        let mut lists = Lists::new();
        for refusal in refusals {
            match refusal {
                Some(refusal) => lists.add(&refusal),
                None => lists.add(&received(made.next().expect("a list for each task")).await?[0]),
            }
        }
        Ok(lists.end())
    });
    Ok(by(&current, room.hold(lists.await?)?))
}

async fn similar_get(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    let ask = SimilarAsk::of_query(query.as_deref())?;
    let current = app.swap.current()?;
    let plan = SimilarPlan::of(&ask, &current.served, &app.limits).map_err(|refusal| match refusal.reason {
        "unknown-items" => plan::unknown_item(&ask.items[0]),
        _ => refusal,
    })?;
    let places = plan.top;
    single(&app, &current, Task::Similar(plan), places).await
}

async fn similar_post(State(app): State<Arc<App>>, request: Request) -> Answered {
    let current = app.swap.current()?;
    let plan = {
        let (current, app) = (current.clone(), app.clone());
        move |ask: SimilarAsk| SimilarPlan::of(&ask, &current.served, &app.limits)
    };
    let SimilarPlan { space, items, top, images } = body::json(&app, request, plan).await?;
    let room = app.unread.room(items.len() * top)?;
    let tasks = items.chunks(32).map(|items| Task::Similar(SimilarPlan { space, items: items.to_vec(), top, images }));
    let made = app.queue.submit(&current.served, tasks.collect(), Line::Batch)?;
    let lists = in_time(&app, async {
        let mut lists = Lists::new();
        for task in made {
            received(task).await?.iter().for_each(|list| lists.add(list));
        }
        Ok(lists.end())
    });
    Ok(by(&current, room.hold(lists.await?)?))
}

/// Waits for lists, in the time that the limits give.
async fn in_time<T>(app: &App, lists: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let late = |_| Refusal::new(503, "busy", "the lists were not made in time: try again in a second");
    tokio::time::timeout(app.limits.request, lists).await.map_err(late)?
}

/// The answers of a task.
async fn received(task: Receiver<Vec<Vec<u8>>>) -> Result<Vec<Vec<u8>>, Refusal> {
    task.await.map_err(|_| Refusal::failed())
}

/// The id in a path.
type Id = Result<Path<String>, PathRejection>;

fn id(id: Id) -> Result<String, Refusal> {
    let not_utf8 = |_| Refusal::bad("the id in the path is not UTF-8 under its percent signs: encode ids as UTF-8");
    id.map(|Path(id)| id).map_err(not_utf8)
}

fn item(State(app): State<Arc<App>>, path: Id) -> Answered {
    let id = id(path)?;
    let current = app.swap.current()?;
    let item = current.served.items.find(&id).ok_or_else(|| plan::unknown_item(&id))?;
    whole(&app, &current, answer::line(&answer::item(&current.served, item)))
}

async fn search(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    let query = Query::read(query.as_deref(), &["search"])?;
    let words = search::words(&query.one("search")?.unwrap_or_default());
    plan::bounded("words", words.len(), app.limits.words)?;
    aside(&app, move |served| Ok(answer::search(served, &words, FOUND))).await
}

async fn user(State(app): State<Arc<App>>, path: Id) -> Answered {
    let id = id(path)?;
    let user = move |served: &Served| {
        let found = served.users.find(&id).ok_or_else(|| plan::unknown_user(&id));
        found.map(|user| answer::user(served, user))
    };
    aside(&app, user).await
}

async fn users(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answered {
    let query = Query::read(query.as_deref(), &["begin"])?;
    let begin = query.one("begin")?.unwrap_or_default();
    aside(&app, move |served| Ok(answer::users(served, &begin, FOUND))).await
}

/// An answer that may go through all items or users of a run.
async fn aside(app: &App, work: impl FnOnce(&Served) -> Result<Vec<u8>, Refusal> + Send + 'static) -> Answered {
    let current = app.swap.current()?;
    let served = current.served.clone();
    let body = app.aside.run(move || work(&served)).await?;
    whole(app, &current, body)
}
