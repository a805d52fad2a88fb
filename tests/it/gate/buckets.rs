//! The buckets, one by one: exactly one is exhausted by its own numbers while all others have
//! room, so that what refuses is that one.

use std::net::Ipv6Addr;

use time::Duration;
use tokio::task::JoinSet;
use trao::dossier::StatusRefusal;
use trao::model::ApiKeyId;

use super::*;

/// A guess that has nothing in common with any other: network, link, unit and day are its own.
#[derive(Clone)]
struct Guess {
    client: IpAddr,
    link: String,
    code: String,
    key: Option<ApiKeyId>,
}

impl Guess {
    fn nth(n: u32) -> Self {
        let [_, _, high, low] = n.to_be_bytes();
        Self {
            client: Ipv4Addr::new(10, high, low, 7).into(),
            link: unknown_link(),
            code: format!("H20.{n}-261123-0001"),
            key: None,
        }
    }

    /// The right link and code, from where this one comes.
    fn right(self, site: &Site) -> Self {
        Self {
            link: site.link.clone(),
            code: CODE.to_owned(),
            ..self
        }
    }

    async fn at(&self, gate: &Gate, now: OffsetDateTime) -> Result<Issued, GateRefusal> {
        let attempt = Attempt {
            link: &self.link,
            code: &self.code,
            client: self.client,
            key: self.key,
        };
        gate.release(attempt, now).await
    }
}

/// Exhausts a bucket that says so. `guess` makes the guesses that fall into it; `inside` is a
/// right try that falls into it too, `outside` one that does not, unless all do.
async fn exhaust(
    site: &Site,
    gate: &Gate,
    rate: Rate,
    guess: impl Fn(u32) -> Guess,
    inside: &Guess,
    outside: Option<&Guess>,
) {
    for n in 1..=rate.burst {
        let refused = guess(n).at(gate, site.now()).await.unwrap_err();
        assert_eq!(refused, DENIED, "try {n} of {}", rate.burst);
    }
    if let Some(outside) = outside {
        assert!(outside.at(gate, site.now()).await.is_ok(), "not exhausted");
    }
    let every = Duration::seconds(rate.every_s.into());
    for (after, wait) in [
        (Duration::ZERO, u64::from(rate.every_s) + 1),
        (every - Duration::milliseconds(1), 1),
    ] {
        let slowed = GateRefusal::Throttled {
            retry_after_s: wait,
        };
        for guess in [inside.clone(), guess(rate.burst + 1)] {
            let refused = guess.at(gate, site.now() + after).await.unwrap_err();
            assert_eq!(refused, slowed, "after {after}, right or wrong");
        }
    }
    let later = site.now() + every;
    assert!(inside.at(gate, later).await.is_ok(), "one more each period");
    let refused = guess(rate.burst + 2).at(gate, later).await.unwrap_err();
    assert_eq!(refused, DENIED, "the right code gave its charge back");
    let refused = inside.at(gate, later).await.unwrap_err();
    assert!(matches!(refused, GateRefusal::Throttled { .. }));
}

#[tokio::test]
async fn a_client_has_five_tries_and_one_each_ten_minutes() {
    let site = Site::new().await;
    let rate = GateSettings::default().client;
    assert_eq!((rate.burst, rate.every_s), (5, 600));
    let gate = site.gate(GateSettings {
        client: rate,
        ..roomy()
    });
    let by_client = |n| Guess {
        client: CLIENT,
        ..Guess::nth(n)
    };
    let inside = by_client(0).right(&site);
    let neighbour = Guess {
        client: Ipv4Addr::new(192, 0, 2, 2).into(),
        ..inside.clone()
    };
    exhaust(&site, &gate, rate, by_client, &inside, Some(&neighbour)).await;
}

#[tokio::test]
async fn a_network_has_forty_tries_and_one_each_75_seconds() {
    let site = Site::new().await;
    let rate = GateSettings::default().net;
    assert_eq!((rate.burst, rate.every_s), (40, 75));
    let gate = site.gate(GateSettings {
        net: rate,
        ..roomy()
    });
    let in_net = |n: u32| Guess {
        client: Ipv4Addr::new(192, 0, 2, u8::try_from(n).unwrap()).into(),
        ..Guess::nth(n)
    };
    let inside = in_net(200).right(&site);
    let next_net = Guess {
        client: Ipv4Addr::new(192, 0, 3, 1).into(),
        ..inside.clone()
    };
    exhaust(&site, &gate, rate, in_net, &inside, Some(&next_net)).await;
}

#[tokio::test]
async fn a_client_has_five_tries_on_one_link_whether_anybody_has_it() {
    let site = Site::new().await;
    let rate = GateSettings::default().client_link;
    assert_eq!((rate.burst, rate.every_s), (5, 17_280));
    let gate = site.gate(GateSettings {
        client_link: rate,
        ..roomy()
    });
    let on_link = |n| Guess {
        client: CLIENT,
        link: site.link.clone(),
        ..Guess::nth(n)
    };
    let (inside, neighbour) = (on_link(0).right(&site), Guess::nth(0).right(&site));
    exhaust(&site, &gate, rate, on_link, &inside, Some(&neighbour)).await;

    // A link that nobody has is counted alike, and each for itself.
    let unknown = unknown_link();
    for n in 0..=rate.burst {
        let guess = Guess {
            link: unknown.clone(),
            ..on_link(n)
        };
        let expected = if n < rate.burst {
            DENIED
        } else {
            GateRefusal::Throttled {
                retry_after_s: 17_281,
            }
        };
        let refused = guess.at(&gate, site.now()).await.unwrap_err();
        assert_eq!(refused, expected, "{n}");
    }
}

/// Anybody can empty the bucket of all; a network that has not missed anywhere still has a try.
#[tokio::test]
async fn all_have_five_hundred_tries_and_then_each_new_network_one() {
    let site = Site::new().await;
    let rate = GateSettings::default().global;
    assert_eq!((rate.burst, rate.every_s), (500, 5));
    let gate = site.gate(GateSettings {
        global: rate,
        ..roomy()
    });
    for n in 1..=rate.burst {
        let refused = Guess::nth(n).at(&gate, site.now()).await.unwrap_err();
        assert_eq!(refused, DENIED, "{n}");
    }
    let missed = Guess::nth(1).right(&site);
    let slowed = GateRefusal::Throttled { retry_after_s: 6 };
    for guess in [missed.clone(), Guess::nth(1)] {
        let refused = guess.at(&gate, site.now()).await.unwrap_err();
        assert_eq!(refused, slowed, "right or wrong");
    }
    let by_key = Guess {
        key: Some(ApiKeyId::from_bytes([1; 16])),
        ..missed.clone()
    };
    assert!(by_key.at(&gate, site.now()).await.is_ok(), "keys are apart");
    let citizen = Guess::nth(901).right(&site);
    for nth in 0..3 {
        assert!(citizen.at(&gate, site.now()).await.is_ok(), "{nth}");
    }
    let refused = Guess::nth(902).at(&gate, site.now()).await.unwrap_err();
    assert_eq!(refused, DENIED, "one try");
    let refused = Guess::nth(902).at(&gate, site.now()).await.unwrap_err();
    assert_eq!(refused, slowed, "and no second one");
    let later = site.now() + Duration::seconds(5);
    assert!(missed.at(&gate, later).await.is_ok());
    let alarms = "SELECT count(*) FROM audit WHERE action = 'gate_alarm_all'";
    assert_eq!(site.count(alarms).await, 1, "one an hour");
}

/// A link's bucket tells nobody that it is empty; a network without a miss on it still gets its try.
#[tokio::test]
async fn a_link_has_twenty_tries_and_then_one_of_each_new_network() {
    let site = Site::new().await;
    let rate = GateSettings::default().link;
    assert_eq!((rate.burst, rate.every_s), (20, 1_800));
    let gate = site.gate(GateSettings {
        link: rate,
        ..roomy()
    });
    let on_link = |n| Guess {
        link: site.link.clone(),
        ..Guess::nth(n)
    };
    for n in 1..=rate.burst {
        assert_eq!(on_link(n).at(&gate, site.now()).await.unwrap_err(), DENIED);
    }
    let missed = on_link(1).right(&site);
    for seconds in [0, 1_799] {
        let at = site.now() + Duration::seconds(seconds);
        assert_eq!(missed.at(&gate, at).await.unwrap_err(), DENIED, "{seconds}");
    }
    let stranger = on_link(99).right(&site);
    assert!(stranger.at(&gate, site.now()).await.is_ok());
    let guessing = on_link(99).at(&gate, site.now()).await.unwrap_err();
    assert_eq!(guessing, DENIED);
    assert_eq!(
        stranger.at(&gate, site.now()).await.unwrap_err(),
        DENIED,
        "its try is used"
    );

    let other = released(&site.service, WRONG).await;
    let other_link = Guess {
        link: other.link_id.to_string(),
        code: WRONG.to_owned(),
        ..on_link(1)
    };
    assert!(other_link.at(&gate, site.now()).await.is_ok());
    let later = site.now() + Duration::seconds(1_800);
    assert!(missed.at(&gate, later).await.is_ok());
}

/// Wrong codes of a day on links that somebody has; on any other link nothing is guessed.
#[tokio::test]
async fn an_agencys_day_has_thirty_tries_and_then_one_of_each_new_network() {
    let site = Site::new().await;
    let rate = GateSettings::default().agency_day;
    assert_eq!((rate.burst, rate.every_s), (30, 1_200));
    let gate = site.gate(GateSettings {
        agency_day: rate,
        ..roomy()
    });
    let wrong = |n: u32, link: &str| Guess {
        code: format!("H13.12-261123-{n:04}"),
        link: link.to_owned(),
        ..Guess::nth(n)
    };
    for n in 2..=40 {
        let guess = wrong(n, &unknown_link());
        assert_eq!(guess.at(&gate, site.now()).await.unwrap_err(), DENIED);
    }
    assert!(
        Guess::nth(2)
            .right(&site)
            .at(&gate, site.now())
            .await
            .is_ok()
    );

    for n in 2..rate.burst + 2 {
        let guess = wrong(n, &site.link);
        assert_eq!(guess.at(&gate, site.now()).await.unwrap_err(), DENIED);
    }
    let missed = Guess::nth(2).right(&site);
    for seconds in [0, 1_199] {
        let at = site.now() + Duration::seconds(seconds);
        assert_eq!(missed.at(&gate, at).await.unwrap_err(), DENIED, "{seconds}");
    }
    let citizen = Guess::nth(901).right(&site);
    for nth in 0..3 {
        assert!(citizen.at(&gate, site.now()).await.is_ok(), "{nth}");
    }
    // The day before, and the neighbour's same day, have buckets of their own.
    for code in ["H13.12-261122-0001", "H13.13-261123-0001"] {
        let other = released(&site.service, code).await;
        let guess = Guess {
            link: other.link_id.to_string(),
            code: code.to_owned(),
            ..Guess::nth(2)
        };
        assert!(guess.at(&gate, site.now()).await.is_ok(), "{code}");
    }
    let later = site.now() + Duration::seconds(1_200);
    assert!(missed.at(&gate, later).await.is_ok());
}

/// Who asks in vain for statuses shuts no file, and nobody's status for good.
#[tokio::test]
async fn questions_for_a_status_are_counted_apart() {
    let site = Site::new().await;
    let numbers = GateSettings::default();
    let gate = site.gate(GateSettings {
        agency_day: numbers.agency_day,
        client: numbers.client,
        ..roomy()
    });
    let asker = |n| Guess::nth(n).client;
    for n in 2..=numbers.agency_day.burst + 1 {
        let code = format!("H13.12-261123-{n:04}");
        let found = gate.status(&code, asker(n), site.now()).await.unwrap();
        assert!(found.is_empty());
    }
    let again = gate.status(CODE, asker(2), site.now()).await;
    assert!(
        again.is_err(),
        "the day is drained, and this network has missed"
    );
    let citizen = gate.status(CODE, asker(901), site.now()).await.unwrap();
    assert_eq!(citizen.len(), 1);
    assert!(
        Guess::nth(2)
            .right(&site)
            .at(&gate, site.now())
            .await
            .is_ok()
    );

    for n in 0..numbers.client.burst {
        let code = format!("H20.{n}-261123-0001");
        assert!(gate.status(&code, CLIENT, site.now()).await.is_ok());
    }
    assert!(
        gate.status("H20.9-261123-0001", CLIENT, site.now())
            .await
            .is_err()
    );
    let right = Guess {
        client: CLIENT,
        ..Guess::nth(0).right(&site)
    };
    assert!(right.at(&gate, site.now()).await.is_ok());
}

/// Right codes count too: running numbers hit nearly always.
#[tokio::test]
async fn a_client_is_told_so_many_statuses() {
    let site = Site::new().await;
    let numbers = GateSettings::default();
    assert_eq!(
        (numbers.statuses.burst, numbers.statuses.every_s),
        (300, 120)
    );
    let gate = site.gate(GateSettings {
        statuses: Rate {
            burst: 3,
            every_s: 120,
        },
        ..roomy()
    });
    for nth in 0..3 {
        let missed = gate.status(WRONG, CLIENT, site.now()).await.unwrap();
        assert!(missed.is_empty(), "a miss is counted elsewhere");
        let told = gate.status(CODE, CLIENT, site.now()).await.unwrap();
        assert_eq!(told.len(), 1, "{nth}");
    }
    let slowed = StatusRefusal::Throttled { retry_after_s: 121 };
    for code in [CODE, WRONG] {
        let refused = gate.status(code, CLIENT, site.now()).await.unwrap_err();
        assert_eq!(refused, slowed, "right or wrong");
    }
    let neighbour = Guess::nth(1).client;
    assert!(gate.status(CODE, neighbour, site.now()).await.is_ok());
    let right = Guess {
        client: CLIENT,
        ..Guess::nth(0).right(&site)
    };
    assert!(right.at(&gate, site.now()).await.is_ok(), "files are apart");
    let later = site.now() + Duration::seconds(120);
    assert!(gate.status(CODE, CLIENT, later).await.is_ok());
    assert!(gate.status(CODE, CLIENT, later).await.is_err());
}

/// A right code is free of charge, but not a hundred times a minute: each time is on record.
#[tokio::test]
async fn a_client_opens_one_result_so_often() {
    let site = Site::new().await;
    let rate = GateSettings::default().repeats;
    assert_eq!((rate.burst, rate.every_s), (20, 60));
    let gate = site.gate(GateSettings {
        repeats: rate,
        ..roomy()
    });
    let right = Guess::nth(1).right(&site);
    for nth in 0..rate.burst {
        assert!(right.at(&gate, site.now()).await.is_ok(), "{nth}");
    }
    let slowed = GateRefusal::Throttled { retry_after_s: 61 };
    let wrong = Guess {
        code: WRONG.to_owned(),
        ..right.clone()
    };
    for guess in [&right, &wrong] {
        assert_eq!(guess.at(&gate, site.now()).await.unwrap_err(), slowed);
    }
    assert!(
        Guess::nth(2)
            .right(&site)
            .at(&gate, site.now())
            .await
            .is_ok()
    );
    let later = site.now() + Duration::seconds(60);
    assert!(right.at(&gate, later).await.is_ok());
}

/// Right codes are counted too, each result once a day: else who has many links walks them all.
#[tokio::test]
async fn a_client_opens_so_many_distinct_results() {
    let site = Site::new().await;
    let numbers = GateSettings::default();
    assert_eq!(
        (numbers.distinct.burst, numbers.distinct.every_s),
        (300, 120)
    );
    let gate = site.gate(GateSettings {
        distinct: Rate {
            burst: 2,
            every_s: 120,
        },
        ..roomy()
    });
    let mut right = vec![Guess::nth(1).right(&site)];
    for code in ["H13.12-261123-0002", "H13.12-261123-0003"] {
        let result = released(&site.service, code).await;
        right.push(Guess {
            link: result.link_id.to_string(),
            code: code.to_owned(),
            ..Guess::nth(1)
        });
    }
    for _ in 0..4 {
        assert!(right[0].at(&gate, site.now()).await.is_ok(), "one result");
    }
    assert!(right[1].at(&gate, site.now()).await.is_ok());
    let slowed = GateRefusal::Throttled { retry_after_s: 121 };
    // The answer must not tell whether the code was right.
    for guess in [
        &right[2],
        &right[0],
        &Guess {
            client: right[0].client,
            ..Guess::nth(2)
        },
    ] {
        assert_eq!(guess.at(&gate, site.now()).await.unwrap_err(), slowed);
    }
    assert_eq!(site.grants().await, 5);
    let neighbour = Guess {
        client: CLIENT,
        ..right[2].clone()
    };
    assert!(neighbour.at(&gate, site.now()).await.is_ok());
    let later = site.now() + Duration::seconds(120);
    assert!(right[2].at(&gate, later).await.is_ok());
}

/// A program's key has a budget of its own instead of its address's.
#[tokio::test]
async fn a_key_has_tries_of_its_own() {
    let site = Site::new().await;
    let rate = GateSettings::default().key;
    assert_eq!((rate.burst, rate.every_s), (100, 30));
    let one = Rate {
        burst: 1,
        every_s: 86_400,
    };
    let gate = site.gate(GateSettings {
        key: rate,
        client: one,
        net: one,
        global: one,
        ..roomy()
    });
    let by_key = |n| Guess {
        client: CLIENT,
        key: Some(ApiKeyId::from_bytes([1; 16])),
        ..Guess::nth(n)
    };
    let inside = by_key(0).right(&site);
    let without = Guess {
        key: None,
        ..inside.clone()
    };
    assert!(without.at(&gate, site.now()).await.is_ok());
    let other_key = Guess {
        key: Some(ApiKeyId::from_bytes([2; 16])),
        ..inside.clone()
    };
    exhaust(&site, &gate, rate, by_key, &inside, Some(&other_key)).await;
}

/// An IPv6 customer has a /64, often a /56 or /48; an IPv4 address written as IPv6 is the same one.
#[tokio::test]
async fn a_client_is_an_address_or_a_block_of_64_bits() {
    let site = Site::new().await;
    let gate = site.gate(GateSettings {
        client: Rate {
            burst: 1,
            every_s: 600,
        },
        net: Rate {
            burst: 2,
            every_s: 600,
        },
        ..roomy()
    });
    let v6 = |text: &str| IpAddr::V6(text.parse::<Ipv6Addr>().unwrap());
    let mapped = v6("::ffff:192.0.2.1");
    for (nth, (client, is_admitted)) in [
        (v6("2001:db8:1:1::1"), true),
        (v6("2001:db8:1:1:ffff::2"), false),
        (v6("2001:db8:1:2::1"), true),
        (v6("2001:db8:1:3::1"), false),
        (v6("2001:db8:2:1::1"), true),
        (CLIENT, true),
        (mapped, false),
    ]
    .into_iter()
    .enumerate()
    {
        let guess = Guess {
            client,
            ..Guess::nth(u32::try_from(nth).unwrap())
        };
        let refused = guess.at(&gate, site.now()).await.unwrap_err();
        assert_eq!(refused == DENIED, is_admitted, "{client}");
    }
}

/// Two instances over one database count together, whoever asks at once.
#[tokio::test(flavor = "multi_thread")]
async fn parallel_guesses_through_two_instances_share_one_budget() {
    let site = Site::new().await;
    let second = site.service.second().await;
    let mut tasks = JoinSet::new();
    for n in 0..24 {
        let gate = if n % 2 == 0 {
            &site.service.app
        } else {
            &second
        };
        let (gate, now) = (gate.gate.clone(), site.now());
        let guess = Guess {
            client: CLIENT,
            ..Guess::nth(n)
        };
        tasks.spawn(async move { guess.at(&gate, now).await.unwrap_err() });
    }
    let answers = tasks.join_all().await;
    let admitted = answers.iter().filter(|answer| **answer == DENIED).count();
    assert_eq!(admitted, 5, "{answers:?}");
}
