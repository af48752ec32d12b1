import Support

/// Random statements of an application.
enum SimulatedStatement {
    /// Returns a statement that may change any table except the ledger, or fail because of a duplicate value.
    static func any(_ random: inout Randomness) -> String {
        switch random.below(7) {
        case 0, 1: place(&random)
        case 2: pairs(&random)
        case 3: parts(&random)
        case 4: identities(&random)
        case 5: wholes(&random)
        default: others(&random)
        }
    }

    private static func place(_ random: inout Randomness) -> String {
        let (id, seat) = (1 + random.below(90), random.below(200))
        let other = 1 + (id + 1 + random.below(80)) % 90
        return switch random.below(9) {
        case 0:
            "insert into place values (\(id), \(seat), 'Note \(seat)', repeat('y', \(random.below(5000))), "
                + "'so so', "
                + "array['x', 'it''s'], '{\"k\": [1, null]}') on conflict do nothing"
        case 1: "update place set seat = \(seat) where id = \(id)"
        case 2: "update place set seat = null, note = null where id = \(id)"
        case 3: "delete from place where id = \(id)"
        case 4: "update place set id = \(100 + random.below(60)) where id = \(id)"
        case 5: "update place set note = note || 'z', mood = 'happy' where id % 7 = \(id % 7)"
        case 6:
            "update place set tags = tags || array['\(seat)'], doc = doc || '{\"s\": \(seat)}' where "
                + "id = \(id)"
        case 7:
            // A swap through a free value.
            "do $$ declare l int; r int; begin select seat into l from place where id = \(id) for update; "
                + "select seat into r from place where id = \(other) for update; "
                + "update place set seat = null where id in (\(id), \(other)); update place set seat = r "
                + "where id = \(id); "
                + "update place set seat = l where id = \(other); end $$"
        default:
            "update place set big = repeat('n', \(random.below(4000))) where id = \(id)"
        }
    }

    private static func pairs(_ random: inout Randomness) -> String {
        let (a, u) = (1 + random.below(80), random.below(100))
        return switch random.below(7) {
        case 0: "insert into pair values (\(a), 'b\(u % 3)', \(u).125, \(u), \(a % 6)) on conflict do nothing"
        case 1: "update pair set u1 = \(u) where a = \(a)"
        case 2: "update pair set u2 = \(u % 6), v = v + 1 where a = \(a)"
        case 3: "update pair set b = 'b\(u % 4)' where a = \(a)"
        case 4: "delete from pair where a = \(a)"
        case 5: "update pair set u1 = null where a = \(a)"
        default: "update pair set v = v + 0.001 where u2 = \(u % 6)"
        }
    }

    private static func parts(_ random: inout Randomness) -> String {
        let (id, day) = (1 + random.below(100), random.below(120))
        return switch random.below(8) {
        case 0:
            "insert into by_range values (\(id), '2024-01-01'::date + \(day), \(day)) on conflict do nothing"
        case 1: "update by_range set v = v + 1 where id = \(id)"
        case 2: "update by_range set day = '2024-01-01'::date + \(day) where id = \(id)"
        case 3: "delete from by_range where id = \(id)"
        case 4: "insert into by_hash values (\(id), 'n') on conflict (id) do update set v = by_hash.v || '+'"
        case 5: "update by_hash set id = \(100 + id) where id = \(id)"
        case 6: "delete from by_hash where id = \(id)"
        default: "update by_hash set v = 'u\(day)' where id % 5 = \(id % 5)"
        }
    }

    private static func identities(_ random: inout Randomness) -> String {
        let n = random.below(100)
        return switch random.below(8) {
        case 0: "insert into made (n) values (\(n)), (null)"
        case 1: "update made set n = n + 1 where id % 11 = \(n % 11)"
        case 2: "delete from made where id = \(n)"
        case 3: "update made set id = default where id = (select min(id) from made)"
        case 4: "insert into auto (label) values ('l\(n)')"
        case 5: "update auto set label = 'm\(n)' where id = \(n)"
        case 6:
            "insert into \"Second Schema\".\"Mixed Case\" values (gen_random_uuid(), 'x\(n)', \(n)) on "
                + "conflict do nothing"
        default:
            "update \"Second Schema\".\"Mixed Case\" set n = case n when \(n % 40) then \(n % 39) else "
                + "\(n % 40) end "
                + "where n in (\(n % 40), \(n % 39))"
        }
    }

    private static func wholes(_ random: inout Randomness) -> String {
        let id = 1 + random.below(40)
        return switch random.below(9) {
        case 0: "insert into whole values (\(id), \(id), 'w', repeat('q', 3000)) on conflict do nothing"
        case 1: "update whole set v = v || '.' where id = \(id)"
        case 2: "update whole set x = null where id = \(id)"
        case 3: "update whole set id = \(40 + id) where id = \(id)"
        case 4: "delete from whole where id = \(id)"
        case 5: "insert into by_index values (\(id), 'n', null) on conflict do nothing"
        case 6: "update by_index set b = 'k\(id % 5)' where a = \(id)"
        case 7: "update by_index set v = 'v\(id)' where a % 4 = \(id % 4)"
        default:
            "update bag set w = w || '\(id % 10)' where ctid = (select ctid from bag limit 1 offset "
                + "\(id % 7))"
        }
    }

    private static func others(_ random: inout Randomness) -> String {
        let id = 1 + random.below(30)
        return switch random.below(10) {
        case 0: "update large set v = v + 1 where id = \(id)"
        case 1: "update large set body = repeat('\(id)', 4000) where id = \(id)"
        case 2: "update large set id = \(30 + id), body = body || 'x' where id = \(id)"
        case 3: "insert into emptied values (\(id + 50), 'new') on conflict do nothing"
        case 4: "delete from emptied where id % 10 = \(id % 10)"
        case 5: "delete from parent where id = \(id)"
        case 6: "insert into parent values (\(id), 'again') on conflict do nothing"
        case 7:
            "insert into child select \(100 + random.below(200)), min(id) from parent on conflict do nothing"
        case 8: "update parent set id = \(100 + random.below(100)) where id = \(id)"
        default: "update child set parent_id = (select max(id) from parent) where id = \(id)"
        }
    }

    /// Returns a rare statement: one of many rows, or a truncate.
    static func heavy(_ random: inout Randomness) -> String {
        switch random.below(5) {
        case 0: "truncate emptied; insert into emptied select g, 't' from generate_series(1, 20) g"
        case 1: "insert into made (n) select g from generate_series(1, \(200 + random.below(2000))) g"
        case 2: "update filler set v = md5(v) where id % \(10 + random.below(20)) = 0"
        case 3: "delete from made where id > 100 and id % 3 = \(random.below(3))"
        default: "update place set seat = -seat where seat is not null"
        }
    }
}
