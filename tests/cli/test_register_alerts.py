"""register alerts: the flags of `audit flags`, those that wait first, and what supervision made of them."""


def test_alerts_are_the_flags_and_a_disposition_moves_one_down(run, county):
    flags = run("audit", "flags", "--json").document["flags"]
    before = run("register", "alerts", "--json").document
    told = [(row["rule"], row["case"], row["month"], row["ref"], row["amount_fen"]) for row in before["rows"]]
    assert told == [(one["rule"], one["case"], one["month"], one["ref"], one["amount_fen"]) for one in flags]
    first = next(row for row in before["rows"] if row["ref"] is None)
    month = ("--month", first["month"]) if first["month"] else ()
    about = (first["rule"], first["case"], *month)
    disposed = run(
        "audit", "disposition", *about, "--outcome", "explained", "--reason", "reason", "--by", "staff/MZ0001"
    )
    assert disposed.exit_code == 0, disposed.err
    after = run("register", "alerts", "--json").document
    moved = [row for row in after["rows"] if row["result"] != "open"]
    assert after["rows"][-1:] == moved
    assert (moved[0]["rule"], moved[0]["case"], moved[0]["result"]) == (first["rule"], first["case"], "explained")
    assert moved[0]["handler"] == "staff/MZ0001"
    assert sum(row["open"] for row in after["totals"]) == len(flags) - 1


def test_without_the_keys_the_register_says_what_it_could_not_test(run, county):
    closed = run("register", "alerts", "--json", "--keys", "none")
    assert closed.exit_code == 3
    assert closed.document["unchecked"]["rules"] > 0
