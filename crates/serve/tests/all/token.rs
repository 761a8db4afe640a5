//! A server with a token answers only those who send it.

use crate::client::{Answer, Connection};
use crate::shop::{Opened, Shop, served};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn ask(shop: &Shop, path: &str, headers: &str) -> Answer {
    Connection::open(shop.address).raw(format!("GET {path} HTTP/1.1\r\n{headers}\r\n").as_bytes()).unwrap()
}

#[test]
fn nothing_of_users_or_items_is_told_without_the_token() {
    let opened = Opened { address: "0.0.0.0:0", token: Some(TOKEN), ..Opened::default() };
    let mut shop = Shop::with(opened, |folder| Ok(served(folder, 1)));
    shop.address.set_ip([127, 0, 0, 1].into());
    let right = format!("Host: shop.example\r\nAuthorization: Bearer {TOKEN}\r\n");
    for path in [
        "/recommend?user=u1",
        "/recommend/batch",
        "/similar?item=i1",
        "/items/i1",
        "/items",
        "/users",
        "/users/u1",
        "/run",
        "/metrics",
        "/nowhere",
    ] {
        for headers in [
            "",
            "Authorization: Bearer \r\n",
            "Authorization: Bearer 0123456789abcdef0123456789abcdee\r\n",
            &format!("Authorization: Basic {TOKEN}\r\n"),
            &format!("Authorization: Bearer{TOKEN}\r\n"),
        ] {
            let answer = ask(&shop, path, &format!("Host: localhost\r\n{headers}"));
            assert_eq!((answer.status, answer.header("www-authenticate").as_deref()), (401, Some("Bearer")), "{path}");
        }
        assert_ne!(ask(&shop, path, &right).status, 401, "{path}");
    }
    // The scheme is a word in any case.
    let lower = format!("Host: shop.example\r\nAuthorization: bearer {TOKEN}\r\n");
    assert_eq!(ask(&shop, "/recommend?user=u1", &lower).status, 200);
    for path in ["/", "/page.js", "/page.css", "/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(ask(&shop, path, "Host: shop.example\r\n").status, 200, "{path}");
    }
    assert!(shop.said().contains("others on this machine can read the token"), "{}", shop.said());
}

#[test]
fn without_a_token_only_the_loopbacks_own_names_are_answered() {
    let shop = Shop::open();
    assert_eq!(ask(&shop, "/recommend?user=u1", "Host: 127.0.0.1:8080\r\n").status, 200);
    for host in ["evil.example", "localhost.evil.example"] {
        let answer = ask(&shop, "/recommend?user=u1", &format!("Host: {host}\r\n"));
        assert_eq!((answer.status, answer.refusal().0.as_str()), (421, "wrong-host"));
    }
    assert_eq!(ask(&shop, "/", "Host: evil.example\r\n").status, 421);
}

#[test]
fn a_new_token_counts_from_the_next_reload_on() {
    let opened = Opened { token: Some(TOKEN), ..Opened::default() };
    let shop = Shop::with(opened, |folder| Ok(served(folder, 1)));
    let status = |token: &str| ask(&shop, "/run", &format!("Host: x\r\nAuthorization: Bearer {token}\r\n")).status;
    let path = shop.folder.path().join("token");
    let new = TOKEN.replace('0', "f");
    std::fs::write(&path, "short").unwrap();
    assert!(shop.handle().reload());
    assert_eq!((status(TOKEN), status("short")), (200, 401));
    assert!(shop.said().contains("the token stays as it was"), "{}", shop.said());
    std::fs::write(&path, &new).unwrap();
    assert!(shop.handle().reload());
    assert_eq!((status(TOKEN), status(&new)), (401, 200));
}
