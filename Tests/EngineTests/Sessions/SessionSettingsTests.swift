import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import Postgres

extension ServerSuites {
    @Suite(
        .serialized,
        .enabled(if: hasAllVersions, "there are no servers of PostgreSQL 15, 17 and 18: make servers"))
    struct SessionSettingsTests {
        /// The parameters that a session may have otherwise, and that change no value: names by reason,
        /// reasons after `#`.
        private static let changeNoValue = """
            # Set by this program itself where it needs to.
            application_name client_encoding session_replication_role synchronous_commit
            tcp_user_timeout transaction_deferrable transaction_isolation transaction_read_only
            # Only a superuser sets them, to read a damaged database; no ordinary role can pin them.
            allow_system_table_mods composite_type_mismatch ignore_checksum_failure
            ignore_system_indexes lo_compat_privileges zero_damaged_pages
            # Plans and their costs.
            constraint_exclusion cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost
            cursor_tuple_fraction debug_parallel_query default_statistics_target effective_cache_size
            enable_async_append enable_bitmapscan enable_distinct_reordering enable_gathermerge
            enable_group_by_reordering enable_hashagg enable_hashjoin enable_incremental_sort
            enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin
            enable_nestloop enable_parallel_append enable_parallel_hash enable_partition_pruning
            enable_partitionwise_aggregate enable_partitionwise_join enable_presorted_aggregate
            enable_self_join_elimination enable_seqscan enable_sort enable_tidscan force_parallel_mode
            from_collapse_limit geqo geqo_effort geqo_generations geqo_pool_size geqo_seed
            geqo_selection_bias geqo_threshold jit jit_above_cost jit_debugging_support jit_dump_bitcode
            jit_expressions jit_inline_above_cost jit_optimize_above_cost jit_profiling_support
            jit_tuple_deforming join_collapse_limit max_parallel_maintenance_workers
            max_parallel_workers max_parallel_workers_per_gather min_parallel_index_scan_size
            min_parallel_table_scan_size parallel_leader_participation parallel_setup_cost
            parallel_tuple_cost plan_cache_mode random_page_cost recursive_worktable_factor
            seq_page_cost
            # Memory, disk and speed. The order of rows is none of a value.
            backend_flush_after client_connection_check_interval commit_delay commit_siblings
            deadlock_timeout effective_io_concurrency file_copy_method gin_pending_list_limit
            hash_mem_multiplier io_combine_limit logical_decoding_work_mem maintenance_io_concurrency
            maintenance_work_mem max_stack_depth post_auth_delay synchronize_seqscans temp_buffers
            temp_file_limit temp_tablespaces vacuum_buffer_usage_limit vacuum_cost_delay
            vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss
            vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age
            vacuum_max_eager_freeze_failure_rate vacuum_multixact_failsafe_age
            vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age vacuum_truncate
            wal_compression wal_consistency_checking wal_init_zero wal_recycle wal_sender_timeout
            wal_skip_threshold work_mem
            # Logs, counts and traces.
            backtrace_functions client_min_messages compute_query_id debug_discard_caches
            debug_logical_replication_streaming debug_pretty_print debug_print_parse debug_print_plan
            debug_print_rewritten escape_string_warning icu_validation_level lc_messages log_connections
            log_disconnections log_duration log_error_verbosity log_executor_stats log_lock_failures
            log_lock_waits log_min_duration_sample log_min_duration_statement log_min_error_statement
            log_min_messages log_parameter_max_length log_parameter_max_length_on_error log_parser_stats
            log_planner_stats log_replication_commands log_statement log_statement_sample_rate
            log_statement_stats log_temp_files log_transaction_sample_rate md5_password_warnings
            stats_fetch_consistency trace_notify trace_sort track_activities track_cost_delay_timing
            track_counts track_functions track_io_timing track_wal_io_timing update_process_title
            # What new objects and roles are like, and which libraries are found.
            allow_in_place_tablespaces check_function_bodies createrole_self_grant
            default_table_access_method default_tablespace default_toast_compression
            dynamic_library_path event_triggers extension_control_path extension_destdir
            local_preload_libraries output_plugin_libraries password_encryption
            restrict_nonsystem_relation_kind scram_iterations session_preload_libraries
            """

        private static func server(_ major: Int) throws -> ThrowAwayCluster {
            try #require(try VersionTests.clusters.get()[major])
        }

        @Test(arguments: [15, 17, 18])
        func `every parameter that a session may set is pinned or known to change no value`(major: Int) throws
        {
            let lines = Self.changeNoValue.split(separator: "\n").filter { !$0.contains("#") }
            let harmless = lines.flatMap { $0.split(separator: " ") }.map(String.init)
            let pinned = SessionSettings.reading.parameters.map(\.name)
            #expect(Set(pinned).isDisjoint(with: harmless))
            let known = try PostgresConnection(Self.server(major).access(), applicationName: "test").query(
                "select name from pg_settings where context in ('user', 'superuser', 'backend', "
                    + "'superuser-backend')"
            ).rows.compactMap { $0[0] }
            let unjudged = Set(known).subtracting(pinned).subtracting(harmless)
            #expect(unjudged == [], "say of each whether it changes how a value is printed, read or compared")
            let missing = SessionSettings.reading.parameters.filter {
                !known.contains($0.name) && !$0.mayBeMissing
            }
            #expect(missing == [])
        }

        /// Other values than ours, as an operator may have given them to the database and to the role.
        private static let others: [(parameter: String, value: String)] = [
            ("DateStyle", "German"), ("IntervalStyle", "sql_standard"), ("TimeZone", "Asia/Kolkata"),
            ("extra_float_digits", "0"), ("bytea_output", "escape"), ("lc_monetary", "C.UTF-8"),
            ("lc_numeric", "C.UTF-8"), ("lc_time", "C.UTF-8"), ("xmlbinary", "hex"),
            ("quote_all_identifiers", "on"), ("timezone_abbreviations", "India"), ("xmloption", "document"),
            ("array_nulls", "off"), ("standard_conforming_strings", "off"), ("backslash_quote", "on"),
            ("transform_null_equals", "on"), ("default_text_search_config", "pg_catalog.german"),
            ("search_path", "b"), ("row_security", "on"), ("gin_fuzzy_search_limit", "7"),
            ("statement_timeout", "1234567"), ("lock_timeout", "1234567"),
            ("idle_in_transaction_session_timeout", "1234567"), ("idle_session_timeout", "1234567"),
            ("transaction_timeout", "1234567"), ("default_transaction_isolation", "serializable"),
            ("default_transaction_deferrable", "on"), ("default_transaction_read_only", "on"),
            ("exit_on_error", "on"), ("tcp_keepalives_idle", "77"), ("tcp_keepalives_interval", "7"),
            ("tcp_keepalives_count", "7"),
        ]

        @Test(arguments: [15, 17, 18])
        func `a session has the pinned values whatever the database has, and a walsender has them too`(
            major: Int
        )
            throws
        {
            let cluster = try Self.server(major)
            let server = try PostgresConnection(cluster.access(), applicationName: "test")
            try server.execute("drop database if exists settings; ")
            try server.execute("create database settings")
            defer { _ = try? server.execute("drop database settings with (force)") }
            #expect(Set(Self.others.map(\.parameter)) == Set(SessionSettings.reading.parameters.map(\.name)))
            for (parameter, value) in Self.others {
                guard try server.query("select current_setting($1, true)", [parameter]).scalar != nil else {
                    continue
                }
                try server.execute("alter database settings set \(parameter) = \(quoteLiteral(value))")
            }
            let access = cluster.access(database: "settings")
            #expect(
                try Self.unpinned(PostgresConnection(access, applicationName: "test", settings: .reading))
                    == [])
            #expect(
                try Self.unpinned(
                    PostgresConnection(access, applicationName: "test", settings: .reading, replication: true)
                ) == [])
            // An application's session has other values for all of them, so that each check above can fail.
            let own = try Self.unpinned(PostgresConnection(access, applicationName: "test", settings: nil))
            #expect(
                Set(own).isSuperset(of: [
                    "DateStyle", "search_path", "default_transaction_read_only", "lc_time",
                ]))
        }

        /// The parameters of the server that have another value than ours. A walsender takes no parameters of
        /// a query.
        private static func unpinned(_ session: consuming PostgresConnection) throws -> [String] {
            var found: [String] = []
            for parameter in SessionSettings.reading.parameters {
                let value = try session.execute(
                    "select pg_catalog.current_setting(\(quoteLiteral(parameter.name)), true)"
                ).scalar
                if let value, value != parameter.value { found.append(parameter.name) }
            }
            return found
        }
    }
}
