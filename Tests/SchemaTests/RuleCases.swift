import Testing

@testable import Schema

/// A statement that a rule finds, and one that only resembles it.
struct RuleCase: Sendable, CustomTestStringConvertible {
    let rule: String
    let finds: String
    let misses: String
    var target = RuleCase.old

    init(_ rule: String, _ finds: String, _ misses: String, target: AnalysisTarget = RuleCase.old) {
        self.rule = rule
        self.finds = finds
        self.misses = misses
        self.target = target
    }

    var testDescription: String { rule }

    /// A release of a series that has nothing of PostgreSQL 15.
    static let old = AnalysisTarget.yugabyteDB(Release("2024.1.0.0")!)

    static let all: [RuleCase] =
        [
            tables, types, keys, indexes, objects, systemColumns, queries, statements, others, postgreSQL,
            offers,
        ].flatMap { $0 }

    private static let tables: [RuleCase] = [
        RuleCase(
            "STORED_GENERATED_COLUMNS",
            "create table t (a int primary key, b int generated always as (a) stored);",
            "create table t (a int generated always as identity primary key);"),
        RuleCase(
            "UNLOGGED_TABLES", "create unlogged table t (a int primary key);",
            "create table t (unlogged int primary key);"),
        RuleCase(
            "INHERITANCE", "create table t (a int primary key) inherits (u);",
            "create table t partition of u for values in (1);"),
        RuleCase(
            "STORAGE_PARAMETERS", "alter table t add constraint u unique (a) with (fillfactor = 70);",
            "alter table only h attach partition h0 for values with (modulus 2, remainder 0);"),
        RuleCase(
            "EXCLUSION_CONSTRAINTS", "create table t (a int primary key, exclude using gist (a with =));",
            "create table t (a int primary key, exclude int);"),
        RuleCase(
            "DEFERRABLE_CONSTRAINTS",
            "create table t (a int, b int); alter table t add constraint u unique (a, b) deferrable;",
            "create table t (a int); alter table t add constraint f foreign key (a) "
                + "references u (a) deferrable;"
        ),
        RuleCase(
            "FOREIGN_KEY_REFERENCED_PARTITIONED_TABLE",
            "create table p (a int primary key) partition by hash (a); create table t (a int references p);",
            "create table p (a int primary key); create table t (a int references p);"),
        RuleCase(
            "UNIQUE_NULLS_NOT_DISTINCT", "create table t (a int unique nulls not distinct);",
            "create table t (a int unique nulls distinct);"),
        RuleCase(
            "COMPRESSION_CLAUSE_IN_TABLE", "create table t (a int primary key, b text compression pglz);",
            "create table t (a int primary key, compression text);"),
        RuleCase(
            "ALTER_TABLE_ADD_PK_ON_PARTITIONED_TABLE",
            "create table p (a int) partition by hash (a); alter table only p add constraint "
                + "k primary key (a);",
            "create table p (a int); alter table only p add constraint k primary key (a);",
            target: .yugabyteDB(Release("2.20.0.0")!)),
        RuleCase(
            "EXPRESSION_PARTITION_WITH_PK_UK",
            "create table p (a int, b text unique) partition by list (lower(b));",
            "create table p (a int, b text) partition by list (lower(b));"),
        RuleCase(
            "MULTI_COLUMN_LIST_PARTITION",
            "create table p (a int, b int, primary key (a, b)) partition by list (a, b);",
            "create table p (a int, b int, primary key (a, b)) partition by range (a, b);"),
        RuleCase(
            "INSUFFICIENT_COLUMNS_IN_PK_FOR_PARTITION",
            "create table p (a int primary key, b int) partition by list (b);",
            "create table p (a int primary key, b int) partition by list (a);"),
        RuleCase(
            "ALTER_TABLE_SET_COLUMN_ATTRIBUTE", "alter table only t alter column a set (n_distinct = 5);",
            "alter table only t alter column a set default 5;"),
        RuleCase(
            "ALTER_TABLE_CLUSTER_ON", "alter table t cluster on i;", "alter table cluster add column a int;"),
        RuleCase(
            "ALTER_TABLE_DISABLE_RULE", "alter table t disable rule r;", "alter table t disable trigger r;"),
        RuleCase(
            "FOREIGN_TABLE", "create foreign table t (a int) server s;", "create table \"foreign\" (a int);"),
    ]

    private static let types: [RuleCase] =
        [
            "xml", "xid", "geometry", "geography", "box2d", "box3d", "topogeometry", "raster", "pg_lsn",
            "txid_snapshot", "int4multirange", "int8multirange", "nummultirange", "tsmultirange",
            "tstzmultirange",
            "datemultirange",
        ].map { (type: String) -> RuleCase in
            RuleCase(
                "UNSUPPORTED_DATATYPE_\(type.uppercased())",
                "create domain d as \(type); create table t (a d[]);",
                "create table t (\"\(type)\" int);")
        } + [
            RuleCase(
                "UNSUPPORTED_DATATYPE_LARGE_OBJECT", "create table t (a lo);", "create table t (lo int);")
        ]

    private static let keys: [RuleCase] = Rule.keyTypes.flatMap { word in
        let type =
            switch word {
            case "ARRAY": "int[]"
            case "USER_DEFINED": "c"
            default: word.lowercased()
            }
        let own = word == "USER_DEFINED" ? "create type c as (x int);" : ""
        return [
            RuleCase(
                "INDEX_ON_\(word)_DATATYPE", "\(own) create table t (a \(type)); create index i on t (a);",
                "\(own) create table t (a int, b \(type)); create index i on t (a) include (b);"),
            RuleCase(
                "PK_UK_ON_\(word)_DATATYPE",
                "\(own) create table t (a \(type)); alter table t add constraint u unique (a);",
                "\(own) create table t (a \(type), b int unique);"),
        ]
    }

    private static let indexes: [RuleCase] =
        ["gist", "brin", "spgist"].map { method in
            RuleCase(
                "UNSUPPORTED_\(method.uppercased())_INDEX_METHOD", "create index i on t using \(method) (a);",
                "create index \(method) on t using btree (a);")
        } + [
            RuleCase(
                "MULTI_COLUMN_GIN_INDEX", "create index i on t using gin (a, b);",
                "create index i on t using gin (a);"),
            RuleCase(
                "ORDERED_GIN_INDEX", "create index i on t using gin (a desc);",
                "create index i on t (a desc);"),
        ]

    private static let objects: [RuleCase] = [
        RuleCase(
            "SECURITY_INVOKER_VIEWS", "create view v with (security_invoker = true) as select 1;",
            "create view v with (security_barrier = true) as select 1;"),
        RuleCase(
            "VIEW_WITH_CHECK_OPTION", "create view v as select 1 as a from t with local check option;",
            "create view v as select 'with check option' as a;"),
        RuleCase(
            "SQL_BODY_IN_FUNCTION", "create function f() returns int language sql return 1;",
            "create function f() returns int language sql as 'select 1';"),
        RuleCase(
            "CONSTRAINT_TRIGGER",
            "create constraint trigger g after insert on t for each row execute function f();",
            "create trigger g after insert on t for each row execute function f();"),
        RuleCase(
            "REFERENCING_CLAUSE_IN_TRIGGER",
            "create trigger g after insert on t referencing new table as n for each row "
                + "execute function f();",
            "create trigger referencing after insert on t for each row execute function f();"),
        RuleCase(
            "BEFORE_ROW_TRIGGER_ON_PARTITIONED_TABLE",
            "create table t (a int) partition by hash (a); create trigger g before insert on "
                + "t for each row execute function f();",
            "create table t (a int) partition by hash (a); create trigger g after insert on "
                + "t for each row execute function f();"
        ),
        RuleCase(
            "POLICY_WITH_ROLES", "create policy p on t to public, clerk using (true);",
            "create policy p on t to current_user using (true);"),
        RuleCase(
            "DETERMINISTIC_OPTION_WITH_COLLATION",
            "create collation c (provider = icu, locale = 'x', deterministic = true);",
            "create collation c (provider = icu, locale = 'x');"),
        RuleCase(
            "NON_DETERMINISTIC_COLLATION",
            "create collation c (provider = icu, locale = 'x', deterministic = false);",
            "create collation c (provider = icu, locale = 'deterministic = false');"),
        RuleCase(
            "UNSUPPORTED_EXTENSION", "create extension if not exists postgis with schema public;",
            "create extension if not exists \"uuid-ossp\" with schema public;"),
        RuleCase(
            "DATABASE_OPTIONS_PG15", "create database d icu_locale 'x';", "create database d encoding 'UTF8';"
        ),
        RuleCase(
            "DATABASE_OPTIONS_PG17",
            "create database d icu_rules 'x';", "create database d encoding 'UTF8';"),
    ]

    private static func query(_ rule: String, _ finds: String, _ misses: String) -> RuleCase {
        RuleCase(rule, "create view v as select \(finds) as a;", "create view v as select \(misses) as a;")
    }

    private static func body(_ rule: String, _ finds: String, _ misses: String) -> RuleCase {
        let routine = { (body: String) in
            "create function f() returns void language plpgsql as $$ declare x text; begin \(body); end $$;"
        }
        return RuleCase(rule, routine(finds), routine(misses))
    }

    private static let systemColumns: [RuleCase] = ["xmin", "xmax", "cmin", "cmax", "ctid"].map {
        query("SYSTEM_COLUMN_\($0.uppercased())", "t.\($0) from t", "'\($0)' from \($0)")
    }

    private static let queries: [RuleCase] = [
        body("ADVISORY_LOCKS", "x := pg_try_advisory_lock(1)", "x := 'pg_try_advisory_lock(1)'"),
        query("XML_FUNCTIONS", "xmlelement(name a)", "'xmlelement(name a)'"),
        body("REGEX_FUNCTIONS", "if regexp_like(a, b) then null; end if", "if regexp_like then null; end if"),
        query("ANY_VALUE_AGGREGATE_FUNCTION", "any_value(a) from t", "any_value from t"),
        query("RANGE_AGGREGATE_FUNCTION", "range_agg(a) from t", "array_agg(a) from t"),
        query(
            "JSON_CONSTRUCTOR_FUNCTION", "json_object('a': 1)",
            "json_object('{a,1}'::text[]), app.json_array(1)"),
        query("JSON_QUERY_FUNCTION", "json_value(a, '$.x' returning int) from t", "json_value from t"),
        query("JSON_TYPE_PREDICATE", "a is not json object from t", "a is not null from json"),
        query("NON_DECIMAL_INTEGER_LITERAL", "0xFF", "'0xFF'"),
        RuleCase(
            "JSONB_SUBSCRIPTING", "create table t (j jsonb); create view v as select j['a'] from t;",
            "create table t (j int[]); create view v as select j[1] from t;"),
        RuleCase(
            "LARGE_OBJECT_FUNCTIONS",
            "create trigger g before update on t for each row execute function lo_manage(a);",
            "create trigger lo_manage before update on t for each row execute function f(a);"),
        RuleCase(
            "FETCH_WITH_TIES", "create view v as select b from t order by b fetch first 1 rows with ties;",
            "create view v as select b from t order by b fetch first 1 rows only;"),
        body("COPY FROM ... WHERE", "copy t from '/x' where a > 1", "copy t from '/x'"),
        body(
            "COPY ... ON_ERROR", "copy t from '/x' with (on_error ignore)",
            "copy t from '/x' with (format csv)"),
        body(
            "MERGE_STATEMENT", "merge into t using s on t.a = s.a when matched then delete",
            "delete from merge using s where s.a = 1"),
        RuleCase(
            "CTE_WITH_MATERIALIZED_CLAUSE",
            "create view v as with c as not materialized (select 1 as a) select a from c;",
            "create view v as with materialized as (select 1 as a) select a from materialized;"),
        body("LISTEN_NOTIFY", "execute 'listen a'", "execute 'select 1'"),
        body("TWO_PHASE_COMMIT", "execute 'prepare transaction ''x'''", "execute 'prepare x as select 1'"),
        body("WHERE_CURRENT_OF", "delete from t where current of c", "delete from t where current = of.c"),
        query(
            "RANGE_OFFSET_FLOAT",
            "sum(a) over (order by b range between 1::float8 preceding and current row) from t",
            "sum(a) over (order by b range between 1::numeric preceding and current row) from t"),
    ]

    private static let statements: [RuleCase] = [
        RuleCase(
            "LIKE_ALL", "create table t (like u including all);",
            "create table t (like u including defaults);"),
        RuleCase("LIKE_CLAUSE", "create table t (like u);", "create table t (\"like\" int);"),
        RuleCase("TABLE_WITH_OIDS", "create table t (a int) with oids;", "create table t (oids int);"),
        RuleCase("ALTER_TABLE_OF", "alter table t of c;", "alter table t not of;"),
        RuleCase("ALTER_TABLE_NOT_OF", "alter table t not of;", "alter table t of c;"),
        RuleCase(
            "ALTER_TABLE_SET_STATISTICS", "alter table t alter a set statistics 5;",
            "alter table t alter statistics set default 5;"),
        RuleCase(
            "ALTER_TABLE_SET_STORAGE", "alter table t alter a set storage external;",
            "alter table t alter storage set default 'external';"),
        RuleCase(
            "ALTER_TABLE_RESET_COLUMN_ATTRIBUTE", "alter table t alter a reset (n_distinct);",
            "alter table t alter a drop default;"),
        RuleCase(
            "ALTER_TABLE_ALTER_CONSTRAINT", "alter table t alter constraint c deferrable;",
            "alter table t drop constraint c;"),
        RuleCase(
            "ALTER_TABLE_SET_WITHOUT_CLUSTER", "alter table t set without cluster;",
            "alter table t set logged;"),
        RuleCase(
            "ALTER_TABLE_SET", "alter table t set (fillfactor = 5);", "alter table t alter a set not null;"),
        RuleCase(
            "ALTER_TABLE_RESET", "alter table t reset (fillfactor);", "alter table reset add column a int;"),
        RuleCase("ALTER_INDEX_SET", "alter index i set (fillfactor = 5);", "alter index i rename to j;"),
        RuleCase(
            "ALTER_TABLE_OPTIONS", "alter foreign table t options (a 'b');",
            "alter foreign table t add column options int;"),
        RuleCase("ALTER_TABLE_INHERIT", "alter table t inherit p;", "alter table t no inherit p;"),
        RuleCase(
            "VALIDATE_CONSTRAINT", "alter table t validate constraint c;",
            "alter table t add constraint validate check (a > 0);"),
        RuleCase(
            "ALTER_TYPE_DROP_ATTRIBUTE", "alter type c drop attribute a;",
            "alter type c owner to current_user;"),
        RuleCase("ALTER_TYPE", "alter type c add attribute a int;", "alter type c add value 'x';"),
        RuleCase(
            "ALTER_VIEW", "alter view v set (security_barrier = true);", "alter view v owner to current_user;"
        ),
        RuleCase("ALTER_TABLE_SET_SCHEMA", "alter table t set schema s;", "alter view t set schema s;"),
        RuleCase(
            "CREATE_SCHEMA_WITH_ELEMENTS", "create schema s create table t (a int);", "create schema s;"),
        RuleCase(
            "ALTER_AGGREGATE", "alter aggregate a (int) rename to b;", "alter function a (int) rename to b;"),
        RuleCase(
            "CREATE_ACCESS_METHOD", "create access method a type table handler h;",
            "create table access (method int);"),
        RuleCase("REINDEX", "reindex table t;", "create table reindex (a int);"),
        RuleCase(
            "ALTER_TABLESPACE", "alter tablespace x set (seq_page_cost = 1);",
            "alter table tablespace add a int;"),
        RuleCase("ALTER_CONVERSION", "alter conversion c rename to d;", "alter table conversion add a int;"),
        RuleCase(
            "CREATE_CONVERSION", "create default conversion c for 'UTF8' to 'LATIN1' from f;",
            "create table conversion (a int);"),
        RuleCase("DROP_MULTIPLE_OBJECTS", "drop index a, b;", "drop table a, b;"),
        RuleCase("DROP_INDEX_CONCURRENTLY", "drop index concurrently a;", "drop index \"concurrently\";"),
        RuleCase(
            "LANGUAGE_C", "create function f() returns int language c as 'x', 'y';",
            "create function c() returns int language sql as 'select 1';"),
        RuleCase(
            "PK_ON_FOREIGN_TABLE", "create foreign table t (a int primary key) server s;",
            "create foreign table t (a int not null) server s;"),
        RuleCase(
            "FK_ON_FOREIGN_TABLE", "create foreign table t (a int references u) server s;",
            "create foreign table t (a int check (a > 0)) server s;"),
    ]

    private static let others: [RuleCase] = [
        RuleCase(
            "UNSUPPORTED_PG_SYNTAX", "create table t (id int primary key; create table u (a int);",
            "create table t (id int primary key); create table u (a int);"),
        RuleCase(
            "VIRTUAL_GENERATED_COLUMN",
            "create table t (a int, b int generated always as ((a + (1)) * 2), c int);",
            "create table t (a int, b int generated always as (a) stored);"),
        RuleCase(
            "LATER_POSTGRESQL_SYNTAX", "alter table t add constraint c check (a > 0) not enforced;",
            "alter table t add constraint enforced check (a > 0);"),
        RuleCase(
            "YUGABYTEDB_SYNTAX",
            "create table t (a int, b int, primary key ((a) hash, b asc)) split into 3 tablets;",
            "create table t (hash int, primary key (hash));", target: .postgreSQL(major: 15)),
        RuleCase(
            "NO_PRIMARY_KEY", "create table t (a int);",
            "create table t (a int); alter table t add primary key (a);"),
        RuleCase(
            "REPLICA_IDENTITY_NOTHING", "alter table t replica identity nothing;",
            "alter table t replica identity full;"),
        RuleCase(
            "UNLOGGED_TABLE", "create unlogged table t (a int);", "create table t (a int);",
            target: .postgreSQL(major: 15)),
        RuleCase("LARGE_OBJECT_COLUMN", "create table t (a oid);", "create table t (oid int);"),
        RuleCase(
            "INHERITED_TABLE", "create table t (a int) inherits (u);", "create table t (inherits int);",
            target: .postgreSQL(major: 15)),
        RuleCase(
            "DEFERRABLE_KEY", "create table t (a int unique deferrable);",
            "create table t (a int unique not deferrable);", target: .postgreSQL(major: 15)),
        RuleCase(
            "DEFERRABLE_CONSTRAINTS", "create table t (a int unique deferrable references u);",
            "create table t (a int unique references u deferrable);"),
        RuleCase(
            "NOT_VALID_CONSTRAINT", "alter table t add constraint c check (a > 0) not valid;",
            "alter table t add constraint c check (a > 0);"),
        RuleCase(
            "MATERIALIZED_VIEW", "create materialized view v as select 1 with no data;",
            "create view materialized as select 1;"),
        RuleCase(
            "FOREIGN_KEY_DATATYPE_MISMATCH",
            "create table u (a bigint primary key); create table t (a int references u);",
            "create table u (a bigserial primary key); create table t (a bigint references u);"),
        RuleCase(
            "MISSING_FOREIGN_KEY_INDEX",
            "create table t (a int, b int references u); create index i on t (a, b);",
            "create table t (a int, b int references u); create index i on t (b, a);"),
        RuleCase(
            "MISSING_PRIMARY_KEY_WHEN_UNIQUE_NOT_NULL", "create table t (a int not null unique);",
            "create table t (a int unique);"),
        RuleCase(
            "REDUNDANT_INDEXES",
            "create table t (a int, b int); create index i on t (a); create index j on t (a, b);",
            "create table t (a int, b int); create index i on t (b); create index j on t (a, b);"),
        RuleCase(
            "REDUNDANT_INDEXES", "create table t (a text primary key); create index i on t (a);",
            "create table t (a text primary key); create index i on t (a text_pattern_ops); "
                + "create index j on t (a collate \"C\"); create index k on t (a nulls first);"),
        RuleCase(
            "HOTSPOTS_ON_TIMESTAMP_INDEX", "create table t (a timestamptz); create index i on t (a);",
            "create table t (a timestamptz, b int); create index i on t (b, a);"),
        RuleCase(
            "HOTSPOTS_ON_DATE_INDEX", "create table t (a date); create index i on t (a);",
            "create table t (a date, b int); create index i on t (b, a);"),
        RuleCase(
            "HOTSPOTS_ON_TIMESTAMP_PK_UK", "create table t (a timestamp primary key);",
            "create table t (a timestamp, b int, primary key (b, a));"),
        RuleCase(
            "HOTSPOTS_ON_DATE_PK_UK", "create table t (a date unique);",
            "create table t (a date, b int, primary key (b, a));"),
    ]

    private static let postgreSQL: [RuleCase] = [
        (
            "SQL_JSON_SINCE_16", 15, "create view v as select json_array(a returning jsonb) from t;",
            "create view v as select json_array from t;"
        ),
        (
            "SQL_JSON_SINCE_17", 16, "create view v as select json_exists(a, '$.x' error on error) from t;",
            "create view v as select json_exists from t;"
        ),
        ("NUMBER_SINCE_16", 15, "create view v as select 0b11;", "create view v as select '0b11';"),
        (
            "ANY_VALUE_SINCE_16", 15, "create view v as select any_value(a) from t;",
            "create view v as select any_value from t;"
        ),
        (
            "NULLS_NOT_DISTINCT_SINCE_15", 14, "create unique index i on t (a) nulls not distinct;",
            "create unique index i on t (a);"
        ),
        (
            "SECURITY_INVOKER_SINCE_15", 14, "create view v with (security_invoker) as select 1;",
            "create view security_invoker as select 1;"
        ),
        (
            "MERGE_SINCE_15", 14,
            "create function f() returns void language sql as 'merge into t using s on t.a = "
                + "s.a when matched then delete';",
            "create function merge() returns void language sql as 'select 1';"
        ),
        (
            "REGEX_FUNCTIONS_SINCE_15", 14, "create view v as select regexp_count(a, b) from t;",
            "create view v as select regexp_matches(a, b) from t;"
        ),
        (
            "COMPRESSION_SINCE_14", 13, "create table t (a text compression pglz);",
            "create table t (compression text);"
        ),
        (
            "SQL_BODY_SINCE_14", 13,
            "create function f() returns int language sql begin atomic select 1; end;",
            "create function f() returns int language sql as 'select 1';"
        ),
        ("MULTIRANGE_SINCE_14", 13, "create table t (a int4multirange);", "create table t (a int4range);"),
        (
            "LZ4_COMPRESSION", 15, "create table t (a text compression lz4);",
            "create table t (a text compression pglz);"
        ),
        (
            "COMPRESSION_SINCE_14", 13, "alter table only t alter column a set compression pglz;",
            "alter table only t alter column compression set default 'pglz';"
        ),
        (
            "LZ4_COMPRESSION", 15, "alter table only t alter column a set compression lz4;",
            "alter table only t alter column a set compression pglz;"
        ),
        ("REMOVED_TYPE", 15, "create table t (a abstime);", "create table t (abstime int);"),
    ].map { RuleCase($0.0, $0.2, $0.3, target: .postgreSQL(major: $0.1)) }

    /// A server without any of what builds and packages add.
    private static let bare = AnalysisTarget.postgreSQL(
        major: 15,
        offers: ServerOffers(
            extensions: ["plpgsql"], accessMethods: ["heap", "btree"], compressions: ["pglz"], hasICU: false))

    private static let offers: [RuleCase] = [
        RuleCase("MISSING_EXTENSION", "create extension hstore;", "create extension plpgsql;", target: bare),
        RuleCase(
            "MISSING_ACCESS_METHOD", "create index i on t using hash (a);",
            "create index i on t using btree (columnar);", target: bare),
        RuleCase(
            "MISSING_COMPRESSION", "create table t (a text compression lz4);",
            "create table t (a text compression pglz);", target: bare),
        RuleCase(
            "MISSING_COMPRESSION", "alter table only t alter column a set compression lz4;",
            "alter table only t alter column a set compression default;", target: bare),
        RuleCase(
            "MISSING_ICU", "create collation c (provider = icu, locale = 'x');",
            "create collation c (provider = libc, locale = 'icu');", target: bare),
    ]
}
