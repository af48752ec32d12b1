import Engine
import Records

/// The metrics that yb-voyager has, too, under its names, so that its dashboards show this migration. What
/// Switchback does not count (batches, bytes of rows, nodes) is left out.
enum VoyagerMetrics {
    /// - Parameters:
    ///   - capture: the status of the export, nil if it is not fresh
    ///   - apply: the status of the import, nil if it is not fresh
    static func families(_ status: MigrationStatus, capture: CaptureStatus?, apply: ApplyStatus?)
        -> [MetricFamily]
    {
        importing(status, capture, apply) + exporting(status, capture) + [
            MetricFamily(
                "yb_voyager_source_replication_slot_retained_wal_bytes", .gauge,
                "Log that the origin keeps for the slot.", capture?.retainedWALBytes.map(Double.init),
                ["migration_uuid": status.migrationUUID, "slot_name": capture?.slotName ?? ""]),
            MetricFamily(
                "yb_voyager_build_info", .gauge, "The version of the program that serves this.", 1,
                ["version": "switchback \(BuildVersion.version)", "git_commit": BuildRecord.commit]),
        ]
    }

    private static func importing(
        _ status: MigrationStatus, _ capture: CaptureStatus?, _ apply: ApplyStatus?
    ) -> [MetricFamily] {
        let prefix = "yb_voyager_import_data_"
        let (uuid, role) = (status.migrationUUID, importer(.forward))
        var rows = MetricFamily(prefix + "snapshot_rows_total", .counter, "Rows of the snapshot imported.")
        var events = MetricFamily(prefix + "cdc_events_total", .counter, "Changes applied.")
        var errors = MetricFamily(prefix + "errors_total", .counter, "Changes that could not be applied.")
        for table in status.tables {
            let (schema, name) = (table.name.schema.text, table.name.name.text)
            rows.add(
                table.importedRows,
                ["migration_uuid": uuid, "importer_role": role, "schema_name": schema, "table_name": name])
            for direction in Direction.allCases {
                for (type, count) in table.imported[direction]?.byType ?? [] {
                    events.add(
                        count,
                        [
                            "migration_uuid": uuid, "importer_role": importer(direction),
                            "schema_name": schema, "table_name": name, "event_type": type,
                        ])
                }
                guard let counts = table.incidents[direction] else { continue }
                errors.add(
                    counts.stashed + counts.stopped + counts.mended,
                    [
                        "migration_uuid": uuid, "importer_role": importer(direction), "schema_name": schema,
                        "table_name": name,
                    ])
            }
        }
        var catchUp: Double?
        if capture != nil, apply != nil, case .seconds(let seconds) = status.timeToCatchUp {
            catchUp = seconds
        }
        let pending = capture != nil && apply != nil ? status.remainingEvents : nil
        let now: KeyValuePairs = [
            "migration_uuid": uuid, "importer_role": importer(apply?.direction ?? .forward),
        ]
        return [
            rows, events, errors,
            MetricFamily(
                prefix + "tables_total", .gauge, "Tables of the migration.", Double(status.tables.count),
                ["migration_uuid": uuid, "importer_role": role]),
            MetricFamily(
                prefix + "cdc_events_pending", .gauge, "Changes exported and not applied yet.",
                pending.map(Double.init), now),
            MetricFamily(
                prefix + "cdc_estimated_seconds_to_catch_up", .gauge,
                "Estimated time until all changes are applied.", catchUp, now),
            MetricFamily(
                prefix + "cdc_last_event_applied_timestamp_seconds", .gauge,
                "Time at which the last change was applied.", apply?.commitLagAt, now),
            MetricFamily(
                prefix + "parallelism", .gauge, "Channels that apply changes.",
                apply?.channels.map(Double.init), now),
        ]
    }

    private static func exporting(_ status: MigrationStatus, _ capture: CaptureStatus?) -> [MetricFamily] {
        let prefix = "yb_voyager_export_data_"
        let uuid = status.migrationUUID
        var rows = MetricFamily(prefix + "snapshot_rows_total", .counter, "Rows of the snapshot exported.")
        var events = MetricFamily(prefix + "cdc_events_total", .counter, "Changes exported.")
        for table in status.tables {
            let (schema, name) = (table.name.schema.text, table.name.name.text)
            rows.add(
                table.exportedRows,
                [
                    "migration_uuid": uuid, "exporter_role": exporter(.forward), "schema_name": schema,
                    "table_name": name,
                ])
            for direction in Direction.allCases {
                for (type, count) in table.exported[direction]?.byType ?? [] {
                    events.add(
                        count,
                        [
                            "migration_uuid": uuid, "exporter_role": exporter(direction),
                            "schema_name": schema, "table_name": name, "event_type": type,
                        ])
                }
            }
        }
        return [
            rows, events,
            MetricFamily(
                prefix + "tables_total", .gauge, "Tables of the migration.", Double(status.tables.count),
                ["migration_uuid": uuid, "exporter_role": exporter(.forward)]),
        ]
    }

    private static func importer(_ direction: Direction) -> String {
        switch direction {
        case .forward: "target_db_importer"
        case .reverse: "source_db_importer"
        }
    }

    private static func exporter(_ direction: Direction) -> String {
        switch direction {
        case .forward: "source_db_exporter"
        case .reverse: "target_db_exporter_fb"
        }
    }
}
