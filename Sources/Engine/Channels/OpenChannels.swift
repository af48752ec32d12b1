import Records

/// The plan and the channels of a leg, as they were read from the destination.
package struct OpenChannels: Equatable {
    package let plan: ChannelPlan
    /// The watermarks, in the order of the plan's channels.
    package let positions: [ChannelPosition]
    package let counts: ChangeCounts

    /// The channels that are applied to.
    package var active: [ChannelPosition] { plan.activeIndexes.map { positions[$0] } }

    /// Everything up to here is applied, except changes of tables set aside.
    package var lowest: LogPosition { active.map(\.lsn).min() ?? .zero }
    package var highest: LogPosition { active.map(\.lsn).max() ?? .zero }
    package var isLevel: Bool { lowest == highest }

    /// The LSNs through which changes are passed over, in the order of the plan's channels: the watermark, or
    /// everything for a table set aside.
    package var passed: [LogPosition] {
        let active = Set(plan.activeIndexes)
        return positions.indices.map {
            active.contains($0) ? positions[$0].lsn : LogPosition.last
        }
    }

    /// Whether a transaction above the lowest watermark may have parts that are not to be applied.
    package var needsFilter: Bool { !isLevel || plan.hasTablesSetAside }
}
