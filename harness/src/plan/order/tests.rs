use super::*;
use std::collections::BTreeMap;
use std::path::Path;

fn request() -> Request {
    let row = |name: &str| (RowKey::new(name, "default"), Api::ChatCompletions);
    Request {
        rows: vec![row("a"), row("b"), row("c")],
        limits: BTreeMap::new(),
        scenarios: vec![scenario("seed")],
        repetitions: 2,
        runs_per_worker: 4,
        rates: vec![2.5],
        rate_time: Duration::from_secs(20),
        table_repetitions: 3,
        aa: false,
        seed: 7,
    }
}

fn seed() -> Scenario {
    Scenario::load(Path::new("../scenarios/seed.toml")).unwrap()
}

fn case(model_time_ms: u64) -> CaseRequest {
    CaseRequest {
        name: None,
        model_time: Duration::from_millis(model_time_ms),
        measure: Measure::default(),
    }
}

fn scenario(name: &str) -> ScenarioRequest {
    ScenarioRequest {
        name: name.to_owned(),
        levels: vec![1, 10],
        cases: vec![case(2_000)],
        table_level: Some(50),
    }
}

#[test]
fn what_a_framework_does_not_do_by_design_is_tried_once() {
    let limit: Limit =
        toml::from_str("scenario = \"seed\"\nlevels = [10]\nreason = \"none\"").unwrap();
    let plan = Plan::new(&Request {
        limits: BTreeMap::from([("b".to_owned(), vec![limit])]),
        ..request()
    });
    let trials = |row: &str, level: u32| {
        let is_meant = |trial: &&PlannedTrial| {
            let cell = &trial.cell;
            cell.row.framework == row && cell.level == level && cell.arrival == Arrival::Closed
        };
        let found = plan.trials.iter().filter(is_meant);
        found.map(|trial| trial.repetition).collect::<Vec<_>>()
    };
    assert_eq!(trials("a", 10), [0, 1]);
    assert_eq!(trials("b", 10), [0]);
    assert_eq!(trials("b", 1), [0, 1]);
    let numbers: Vec<u32> = plan.trials.iter().map(|trial| trial.trial).collect();
    assert_eq!(numbers, Vec::from_iter(0..plan.trials.len() as u32));
}

#[test]
fn a_block_holds_the_cells_of_all_scenarios_each_at_its_own_levels() {
    let tools = ScenarioRequest {
        levels: vec![3],
        cases: vec![case(300)],
        table_level: None,
        ..scenario("tools")
    };
    let plan = Plan::new(&Request {
        scenarios: vec![scenario("seed"), tools],
        ..request()
    });
    let of = |name: &str| {
        let trials = plan
            .trials
            .iter()
            .filter(|trial| trial.cell.scenario == name);
        trials.collect::<Vec<_>>()
    };
    assert_eq!(of("seed").len(), Plan::new(&request()).trials.len());
    // Two repetitions of three rows, at one level and one rate.
    let tools = of("tools");
    assert_eq!(tools.len(), 2 * 3 * 2);
    for trial in tools {
        let cell = &trial.cell;
        let level = match cell.arrival {
            Arrival::Closed => 3,
            Arrival::Rate(_) => 1,
            Arrival::Burst => panic!("{trial:?}"),
        };
        assert_eq!(cell.level, level);
    }
    let scenarios = plan.trials.iter().map(|trial| trial.cell.scenario.as_str());
    assert!(!scenarios.is_sorted(), "scenarios stand among each other");
    assert!(plan.trials.is_sorted_by_key(|trial| trial.repetition));
}

#[test]
fn every_block_holds_every_cell_once() {
    let plan = Plan::new(&request());
    assert_eq!(plan.trials.len(), 3 * 3 + 3 * 2 * 2 + 3 * 2);
    let mut counts = BTreeMap::new();
    for trial in &plan.trials {
        let cell = format!(
            "{} {} {:?}",
            trial.repetition, trial.cell.row.framework, trial.cell
        );
        *counts.entry(cell).or_insert(0) += 1;
    }
    assert!(counts.values().all(|count| *count == 1));
    let blocks: Vec<u32> = plan.trials.iter().map(|trial| trial.repetition).collect();
    assert!(blocks.is_sorted(), "blocks follow one another");
}

#[test]
fn an_open_loop_lasts_its_time() {
    let plan = Plan::new(&request());
    let is_open = |trial: &&PlannedTrial| trial.cell.arrival == Arrival::Rate(2.5);
    let open = plan.trials.iter().find(is_open).unwrap();
    // 2.5 runs per second for 20 s, of 2 s each.
    assert_eq!((open.measured_runs, open.cell.level), (50, 5));
    // Start and end, the first run, the warm-up, the runs.
    let expected = open.expected(Duration::from_secs(2));
    assert_eq!(expected.as_secs(), 2 + 2 + 2 + 20);
}

#[test]
fn an_aa_sweep_holds_every_cell_and_its_copy_once_a_block() {
    let plan = Plan::new(&Request {
        aa: true,
        ..request()
    });
    assert_eq!(plan.trials.len(), 2 * (3 * 3 + 3 * 2 * 2 + 3 * 2));
    for trial in &plan.trials {
        let other = CellKey {
            aa_copy: !trial.cell.aa_copy,
            ..trial.cell.clone()
        };
        let others = plan.trials.iter().filter(|candidate| {
            candidate.repetition == trial.repetition && candidate.cell == other
        });
        assert_eq!(others.count(), 1);
    }
    let copies: Vec<bool> = plan.trials.iter().map(|trial| trial.cell.aa_copy).collect();
    assert!(!copies.is_sorted(), "copies stand among the others");
}

#[test]
fn a_copy_is_said_in_the_record_and_nothing_is_said_of_the_others() {
    let plan = Plan::new(&Request {
        aa: true,
        ..request()
    });
    for trial in plan.trials {
        let text = serde_json::to_string(&trial.cell).unwrap();
        assert_eq!(text.contains("aa_copy"), trial.cell.aa_copy);
        assert_eq!(serde_json::from_str::<CellKey>(&text).unwrap(), trial.cell);
    }
}

#[test]
fn the_order_follows_from_the_seed() {
    let other = Request {
        seed: 8,
        ..request()
    };
    assert_eq!(Plan::new(&request()), Plan::new(&request()));
    assert_ne!(Plan::new(&request()), Plan::new(&other));
}

#[test]
fn the_table_is_one_cold_wave_and_a_level_is_warmed_up() {
    let plan = Plan::new(&request());
    let burst = plan
        .trials
        .iter()
        .find(|trial| trial.cell.arrival == Arrival::Burst)
        .unwrap();
    let batches = burst.batches(plan.seed, &seed());
    assert_eq!(batches.len(), 1);
    assert_eq!((batches[0].1.runs, batches[0].1.level), (50, 50));
    assert_eq!(batches[0].1.ramp_ms, 0);
    let ten = plan
        .trials
        .iter()
        .find(|trial| trial.cell.level == 10)
        .unwrap();
    let batches = ten.batches(plan.seed, &seed());
    let phases: Vec<(PhaseName, u32)> = batches
        .iter()
        .map(|(phase, batch)| (*phase, batch.runs))
        .collect();
    assert_eq!(
        phases,
        [
            (PhaseName::FirstRun, 1),
            (PhaseName::WarmUp, 10),
            (PhaseName::Measured, 40)
        ]
    );
    assert_eq!(batches[2].1.first_run, batches[0].1.first_run + 11);
    let ramps: Vec<u32> = batches.iter().map(|(_, batch)| batch.ramp_ms).collect();
    assert_eq!(ramps, [0, 0, 2000]);
}

#[test]
fn every_case_of_a_scenario_is_measured_on_every_row() {
    let named = |name: &str, model_time_ms| CaseRequest {
        name: Some(name.to_owned()),
        ..case(model_time_ms)
    };
    let cases = ScenarioRequest {
        cases: vec![named("short", 20), named("long", 200)],
        table_level: None,
        ..scenario("cases")
    };
    let plan = Plan::new(&Request {
        scenarios: vec![cases],
        rates: Vec::new(),
        ..request()
    });
    // Two repetitions of three rows, two cases and two levels.
    assert_eq!(plan.trials.len(), 2 * 3 * 2 * 2);
    let of = |name: &str| {
        let cases = plan
            .trials
            .iter()
            .filter_map(|trial| trial.cell.case.as_deref());
        cases.filter(|case| *case == name).count()
    };
    assert_eq!((of("short"), of("long")), (12, 12));
}

#[test]
fn a_scenario_may_want_bursts_a_number_of_runs_and_a_heartbeat() {
    let measured = |measure: Measure| {
        let scenario = ScenarioRequest {
            cases: vec![CaseRequest {
                measure,
                ..case(2_000)
            }],
            table_level: None,
            ..scenario("seed")
        };
        let plan = Plan::new(&Request {
            scenarios: vec![scenario],
            rates: Vec::new(),
            ..request()
        });
        let ten = plan.trials.iter().find(|trial| trial.cell.level == 10);
        ten.unwrap().clone()
    };
    let burst = measured(Measure {
        burst: true,
        ..Measure::default()
    });
    let of_burst = (burst.cell.arrival, burst.warm_up_runs, burst.measured_runs);
    assert_eq!(of_burst, (Arrival::Burst, 0, 10));
    let beating = Measure {
        runs: Some(77),
        warm_up_runs: Some(0),
        heartbeat: true,
        ..Measure::default()
    };
    let trial = measured(beating);
    let runs = (trial.warm_up_runs, trial.measured_runs);
    assert_eq!((trial.cell.arrival, runs), (Arrival::Closed, (1, 77)));
    let scenario = seed().with_measure(beating);
    let batches = trial.batches(7, &scenario);
    let beats: Vec<bool> = batches.iter().map(|(_, batch)| batch.heartbeat).collect();
    assert_eq!(beats, [false, true], "the measured batch alone");
}
