//! The real program stands still, is dead for a while, or finds its clock stepped: what fell due meanwhile is
//! told at once, once, with its true lateness.

use std::time::Duration;

use super::{
    hours::words,
    office::CHAIN,
    process::{Program, World},
};

const MINUTE: i64 = 60;
/// Notices that the chain has sent.
const ESCALATIONS: &str = "SELECT count(*) FROM notice WHERE kind = 'escalation'";
const WAITING: &str = "SELECT count(*) FROM notice WHERE state = 'pending'";
const RECORDED: &str = "SELECT count(*) FROM notice WHERE state = 'accepted'";

/// A critical incident of which the first person has been told.
async fn told(world: &World, program: &Program) {
    program.push(&world.post(60_000)).await;
    world.letters(CHAIN[0].1, 1).await;
    world.counts(RECORDED, 2).await;
}

/// The next person is told; that the limit of ten minutes passed so many minutes ago is said.
async fn next_person_is_told(world: &World, late: i64) {
    let letter = &world.letters(CHAIN[1].1, 1).await[0];
    let said = words(letter);
    // The minutes that the test itself takes are added.
    let near = (late..late + 3).any(|late| said.contains(&format!("已逾期 {late} 分钟")));
    assert!(near, "{said}");
}

/// Asks the program for pages until the next step has been told: it may not have been woken by the first.
async fn wake_until_told(world: &World, program: &Program) {
    let told = async {
        while world.count(ESCALATIONS) == 0 {
            program.wake().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), told).await.expect("the next step is never told");
}

async fn everything_once(world: &World) {
    world.counts(WAITING, 0).await;
    for (local, letters) in [(CHAIN[0].1, 1), (CHAIN[1].1, 1), (CHAIN[2].1, 0)] {
        assert_eq!(world.letters_to(local).len(), letters, "{local}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_stood_still_past_a_limit_tells_the_next_person_at_once() {
    let world = World::new().await;
    let program = world.start().await;
    told(&world, &program).await;
    program.freeze().await;
    // Half an hour passes for everybody.
    world.clock(30 * MINUTE, 30 * MINUTE);
    program.thaw();
    wake_until_told(&world, &program).await;
    next_person_is_told(&world, 20).await;
    everything_once(&world).await;
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_a_limit_and_started_after_it_the_program_has_not_forgotten_it() {
    let world = World::new().await;
    let program = world.start().await;
    told(&world, &program).await;
    program.kill().await;
    world.clock(90 * MINUTE, 0);
    let program = world.start().await;
    next_person_is_told(&world, 80).await;
    everything_once(&world).await;
    program.kill().await;
    let program = world.start().await;
    program.push(&world.post(60_001)).await;
    everything_once(&world).await;
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_ahead_and_back_fires_each_limit_once() {
    let world = World::new().await;
    let program = world.start().await;
    told(&world, &program).await;
    // The time of day alone is stepped, as by a time server; the next input lets the program see it.
    world.clock(25 * MINUTE, 0);
    program.push(&world.post(60_001)).await;
    next_person_is_told(&world, 15).await;
    everything_once(&world).await;
    for back in [0, -60 * MINUTE, 25 * MINUTE] {
        world.clock(back, 0);
        program.push(&world.post(60_002)).await;
        assert_eq!(world.count(ESCALATIONS), 2, "by mail and by text message, once");
        everything_once(&world).await;
    }
    // And the limit of the next step passes as it should.
    world.clock(40 * MINUTE, 0);
    program.push(&world.post(60_003)).await;
    world.letters(CHAIN[2].1, 1).await;
    program.stop().await;
}
