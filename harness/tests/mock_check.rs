//! What the mock measures of itself.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use loopmark::mock::{CheckPlan, check_memory, check_mock};
use support::{executable, seed_path};

#[tokio::test]
async fn the_self_check_measures_every_level_the_ceiling_streams_and_stalls() {
    let plan = CheckPlan {
        with_open_connections: false,
        ..CheckPlan::before_a_sweep(vec![2])
    };
    let check = check_mock(executable(), &seed_path(), &plan).await.unwrap();
    assert_eq!((check.levels.len(), check.levels[0].level), (1, 2));
    let level = &check.levels[0];
    // How many there are, and how late, is the machine's; each of the two connections asks once at the least.
    assert!(
        level.lateness.count >= 2 && level.lateness.p50_us > 0.0,
        "{level:?}"
    );
    assert!(level.os_timer.count >= 1, "{level:?}");
    // Two in flight with the scenario's own 500 ms would give four replies.
    assert!(level.hold_ms >= 1.0 && level.hold_ms < 500.0, "{level:?}");
    let ceiling = &check.ceiling;
    assert!(ceiling.requests >= u64::from(ceiling.connections) && ceiling.cpu_share > 0.0);
    let per_second = ceiling.requests_per_cpu_s.unwrap() * ceiling.cpu_share;
    assert!((per_second / ceiling.requests_per_s - 1.0).abs() < 0.01);
    let stream = check.stream.unwrap();
    assert_eq!(stream.lateness.count as u64, 5 * stream.replies);
    assert!(stream.lateness.max_us >= stream.lateness.p50_us);
    let stalls = check.delayed_ack.unwrap();
    assert_eq!(stalls.streamed.replies, stream.replies);
    // A busy machine is late by as much as a stall: how many there were is for a quiet one to say.
    for stalls in [stalls.streamed, stalls.in_two_parts, stalls.control] {
        assert!(
            stalls.replies > 0 && stalls.stalled <= stalls.replies,
            "{stalls:?}"
        );
    }
    assert!(check.open_connections.is_empty());
}

#[tokio::test]
async fn long_streams_are_measured_at_each_pace_by_the_number_of_the_delta() {
    let plan = CheckPlan {
        with_paces: true,
        ..CheckPlan::before_a_sweep(Vec::new())
    };
    let check = check_mock(executable(), &seed_path(), &plan).await.unwrap();
    let paces: Vec<u32> = check.paces.iter().map(|pace| pace.deltas_per_s).collect();
    assert_eq!(paces, [50, 200, 1000]);
    for pace in check.paces {
        assert!(pace.replies >= u64::from(pace.streams), "{pace:?}");
        let numbers = pace.by_number.iter().map(|group| (group.from, group.to));
        let numbers: Vec<(usize, usize)> = numbers.collect();
        let [(1, 10), (11, 100), (101, last)] = numbers[..] else {
            panic!("{numbers:?}")
        };
        assert!(last > 200, "200 words and what is around them: {last}");
        for group in pace.by_number {
            let of_each = (group.to + 1 - group.from) as u64;
            assert_eq!(group.lateness.count as u64, of_each * pace.replies);
        }
    }
}

#[tokio::test]
async fn memory_over_many_requests_is_taken_at_every_tenth_of_them() {
    let mut seen = Vec::new();
    let check = check_memory(executable(), &seed_path(), 1005, |point| seen.push(*point))
        .await
        .unwrap();
    let requests: Vec<u64> = check.points.iter().map(|point| point.requests).collect();
    assert_eq!(
        requests,
        [101, 202, 303, 404, 505, 606, 707, 808, 909, 1005]
    );
    assert!(check.points.iter().all(|point| point.rss_bytes > 1 << 20));
    assert_eq!(seen, check.points);
}
