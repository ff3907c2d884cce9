//! The OpenAPI document says what is there: each route of the API with what it needs, each act as the desk reads it, and
//! answers as they come.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use yuqing::{
    locale::{Locale, words},
    model::Act,
};

use super::Stage;

async fn document(stage: &Stage) -> Value {
    let (status, text) = stage.get("/api/v1/openapi.json").await;
    assert_eq!(status, 200);
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn every_route_of_the_api_stands_in_it_with_what_it_needs() {
    let stage = Stage::empty().await;
    let document = document(&stage).await;
    let mut said: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let scope = operation["x-scope"].as_str().map(str::to_owned);
            said.insert((method.to_uppercase(), path.clone()), scope);
        }
    }
    let own = |path: &str| path.starts_with("/api/") || path == "/metrics";
    let routed: BTreeMap<_, _> = stage
        .doors
        .iter()
        .filter(|door| own(door.path))
        .map(|door| ((door.method.to_string(), door.path.to_owned()), Some(door.need.id().to_owned())))
        .collect();
    let scoped: BTreeMap<_, _> = said.clone().into_iter().filter(|(_, scope)| scope.is_some()).collect();
    assert_eq!(scoped, routed);
    // The others have secrets of their own; they are there all the same.
    for ((method, path), _) in said.iter().filter(|(_, scope)| scope.is_none()) {
        let request = match method.as_str() {
            "POST" => stage.client.post(format!("{}{path}", stage.base)),
            _ => stage.client.get(format!("{}{path}", stage.base)),
        };
        let status = request.send().await.unwrap().status().as_u16();
        assert!(![404, 405].contains(&status), "{method} {path} answers {status}");
    }
    stage.end().await;
}

#[tokio::test]
async fn every_act_stands_in_it_as_the_desk_reads_it() {
    let stage = Stage::empty().await;
    let document = document(&stage).await;
    let mut tags = BTreeSet::new();
    for act in document["components"]["schemas"]["Act"]["oneOf"].as_array().unwrap() {
        let example = &act["example"];
        let read: Act =
            serde_json::from_value(example.clone()).unwrap_or_else(|why| panic!("{example}: {why}"));
        let written = serde_json::to_value(&read).unwrap();
        // What is said to be possible is, and what is possible is said.
        let named: BTreeSet<&String> = act["properties"].as_object().unwrap().keys().collect();
        let there: BTreeSet<&String> = written.as_object().unwrap().keys().collect();
        assert_eq!(named, there, "{example}");
        for field in act["required"].as_array().unwrap() {
            let mut less = example.clone();
            less.as_object_mut().unwrap().remove(field.as_str().unwrap());
            assert!(serde_json::from_value::<Act>(less).is_err(), "{example} without {field}");
        }
        let tag = act["title"].as_str().unwrap();
        assert_ne!(words::act(tag, Locale::ZhCn), tag, "{tag} has words in the catalogue");
        tags.insert(tag.to_owned());
    }
    // What this API does not take: the record of the console, and files, which have a route of their own.
    let unknown = serde_json::from_value::<Act>(serde_json::json!({ "act": "?" })).unwrap_err().to_string();
    let all: BTreeSet<String> = unknown.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(all.len() > 30, "{unknown}");
    let rest: Vec<_> = all.difference(&tags).map(String::as_str).collect();
    assert_eq!(rest, ["access", "attach", "edit_file", "export_folder", "paper", "test_contact"]);
    stage.end().await;
}

#[tokio::test]
async fn incidents_come_with_the_fields_that_it_names() {
    let stage = Stage::busy().await;
    let document = document(&stage).await;
    let schema = &document["components"]["schemas"]["Incident"];
    let (_, text) = stage.get("/api/v1/incidents").await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    let incidents = answer["incidents"].as_array().unwrap();
    assert!(!incidents.is_empty());
    let named: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    for incident in incidents {
        assert_eq!(incident.as_object().unwrap().keys().collect::<BTreeSet<_>>(), named);
        for field in schema["required"].as_array().unwrap() {
            assert!(!incident[field.as_str().unwrap()].is_null(), "{field} in {incident}");
        }
    }
    stage.end().await;
}
