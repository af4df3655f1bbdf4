//! The order of the line, step by step: who is next, who makes room, who is passed over.

use futures_util::FutureExt as _;

use super::*;

fn ip(network: u8) -> IpAddr {
    IpAddr::from([192, 0, network, 7])
}

/// Who waits in the line.
type Patient = std::pin::Pin<Box<dyn Future<Output = Option<Place>>>>;

/// Enters and waits, so that the order is that of the calls.
fn enter(line: &Arc<Admission>, network: u8) -> Patient {
    let line = Arc::clone(line);
    let mut waiting: Patient = Box::pin(async move { line.enter(ip(network)).await });
    assert!((&mut waiting).now_or_never().is_none(), "it did not wait");
    waiting
}

fn turn(waiting: &mut Patient) -> Option<Option<Place>> {
    waiting.now_or_never()
}

/// As if everybody had waited so much longer.
fn age(line: &Arc<Admission>, by: Duration) {
    for waiting in line.state().waiting.values_mut() {
        waiting.since -= by;
    }
}

#[tokio::test]
async fn the_longest_waiting_is_next_and_a_place_is_given_back() {
    let line = Admission::new(1, 2);
    let place = line.enter(ip(1)).await.unwrap();
    let (mut first, mut second) = (enter(&line, 2), enter(&line, 3));
    assert_eq!(line.levels(), (1, 2));
    drop(place);
    let place = turn(&mut first).unwrap().unwrap();
    assert!(turn(&mut second).is_none());
    drop(place);
    drop(turn(&mut second).unwrap().unwrap());
    assert_eq!(line.levels(), (0, 0));
}

#[tokio::test]
async fn a_full_line_keeps_the_newest_of_unknown_networks() {
    let line = Admission::new(1, 2);
    let place = line.enter(ip(1)).await.unwrap();
    let (mut first, mut second, mut third) = (enter(&line, 2), enter(&line, 3), enter(&line, 4));
    assert!(turn(&mut first).unwrap().is_none());
    assert!(line.enter(ip(3)).await.is_none(), "asking once more is worth nothing");
    drop(place);
    drop(turn(&mut second).unwrap().unwrap());
    drop(turn(&mut third).unwrap().unwrap());
}

#[tokio::test]
async fn where_not_all_can_be_served_in_time_the_newest_unknown_network_is_next() {
    let line = Admission::new(1, 9);
    let place = line.enter(ip(1)).await.unwrap();
    let (mut oldest, mut old) = (enter(&line, 2), enter(&line, 3));
    age(&line, 2 * OVERDUE);
    let (mut new, mut newest) = (enter(&line, 4), enter(&line, 5));
    drop(place);
    for waiting in [&mut newest, &mut new, &mut old, &mut oldest] {
        drop(turn(waiting).unwrap().unwrap());
    }
}

#[tokio::test]
async fn members_keep_their_order_however_long_they_wait() {
    let line = Admission::new(1, 2);
    line.remember((2..5).map(|network| of_network(ip(network))));
    let place = line.enter(ip(1)).await.unwrap();
    let (mut first, mut second) = (enter(&line, 2), enter(&line, 3));
    assert!(line.enter(ip(4)).await.is_none(), "the line is full");
    age(&line, 2 * OVERDUE);
    drop(place);
    drop(turn(&mut first).unwrap().unwrap());
    drop(turn(&mut second).unwrap().unwrap());
}

#[tokio::test]
async fn a_network_that_asks_and_asks_stands_behind_everybody_else_and_is_pushed_out() {
    let line = Admission::new(1, 3);
    let place = line.enter(ip(1)).await.unwrap();
    let (mut one, mut two, mut three) = (enter(&line, 66), enter(&line, 66), enter(&line, 66));
    let mut stranger = enter(&line, 3);
    assert!(turn(&mut three).unwrap().is_none(), "the last of the flood made room");
    line.remember([of_network(ip(4))]);
    let mut member = enter(&line, 4);
    assert!(turn(&mut two).unwrap().is_none());
    drop(place);
    drop(turn(&mut member).unwrap().unwrap());
    // The flood's first request was as good as any other, and came before.
    drop(turn(&mut one).unwrap().unwrap());
    drop(turn(&mut stranger).unwrap().unwrap());
}

#[tokio::test]
async fn a_success_makes_a_network_a_members_and_a_flood_from_there_unmakes_it() {
    let line = Admission::new(1, 9);
    let place = line.enter(ip(1)).await.unwrap();
    place.succeeded(ip(1));
    let now = Instant::now();
    let rank = |at| line.state().request(of_network(ip(1)), at);
    assert!((0..6).all(|_| rank(now) == Rank::Member));
    assert_eq!(rank(now), Rank::Other { served: 0, requests: 6 });
    assert_eq!(rank(now + HALF_LIFE), Rank::Member, "half of it is forgotten");
}

#[tokio::test]
async fn who_gave_up_holds_no_room_and_is_passed_over() {
    let line = Admission::new(1, 1);
    let place = line.enter(ip(1)).await.unwrap();
    drop(enter(&line, 2));
    let mut patient = enter(&line, 3);
    drop(place);
    drop(turn(&mut patient).unwrap().unwrap());
    assert_eq!(line.levels(), (0, 0));
}

#[tokio::test]
async fn a_closed_line_sends_everybody_away_and_lets_the_running_end() {
    let line = Admission::new(1, 2);
    let place = line.enter(ip(1)).await.unwrap();
    let mut waiting = enter(&line, 2);
    line.close();
    assert!(turn(&mut waiting).unwrap().is_none());
    drop(place);
    assert!(line.enter(ip(3)).await.is_none());
    assert!(!line.has_room());
}

#[tokio::test]
async fn whoever_has_tried_in_vain_stands_before_whoever_was_served_and_behind_newcomers() {
    let line = Admission::new(1, 2);
    drop(line.enter(ip(66)).await.unwrap());
    let place = line.enter(ip(1)).await.unwrap();
    let now = Instant::now();
    for _ in 0..9 {
        line.state().request(of_network(ip(2)), now);
    }
    let (mut served, mut tried) = (enter(&line, 66), enter(&line, 2));
    let mut newcomer = enter(&line, 3);
    assert!(turn(&mut served).unwrap().is_none(), "it made room");
    let place = {
        drop(place);
        turn(&mut newcomer).unwrap().unwrap()
    };
    // Of two that were never served, whoever asked less.
    for _ in 0..2 {
        line.state().request(of_network(ip(4)), now);
    }
    let mut tried_less = enter(&line, 4);
    drop(place);
    drop(turn(&mut tried_less).unwrap().unwrap());
    drop(turn(&mut tried).unwrap().unwrap());
}

#[tokio::test]
async fn a_line_full_of_others_has_room_for_a_member_and_one_full_of_members_has_not() {
    let line = Admission::new(1, 1);
    let place = line.enter(ip(1)).await.unwrap();
    let mut stranger = enter(&line, 2);
    assert!(line.has_room());
    line.remember([of_network(ip(3))]);
    assert_eq!(
        [2, 3, 4].map(|network| line.guest(ip(network))),
        [Guest::Stranger { asked: 1 }, Guest::Known, Guest::Stranger { asked: 0 }]
    );
    let mut member = enter(&line, 3);
    assert!(turn(&mut stranger).unwrap().is_none());
    assert!(!line.has_room());
    drop(place);
    drop(turn(&mut member).unwrap().unwrap());
}

#[tokio::test]
async fn how_long_somebody_waited_who_gave_up_says_nothing() {
    let line = Admission::new(1, 9);
    let place = line.enter(ip(1)).await.unwrap();
    drop(enter(&line, 2));
    age(&line, 2 * OVERDUE);
    let (mut first, mut second) = (enter(&line, 3), enter(&line, 4));
    assert_eq!(line.levels(), (1, 2));
    drop(place);
    drop(turn(&mut first).unwrap().unwrap());
    drop(turn(&mut second).unwrap().unwrap());
}
