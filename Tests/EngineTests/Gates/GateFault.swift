import Records

@testable import Engine

/// A fault that a test plants in the facts, and the gates that must see it.
enum GateFault: CaseIterable {
    case index, constraint, notNull, trigger, rule, view, defaultValue
    case column, sequence
    case originUnread, destinationUnread, originOld, destinationOld, catalogOld, catalogUnread
    case originAway, destinationAway
    case originRight, destinationRight, rightsUnreadable
    case identity, identitiesUnreadable, alwaysTrigger, triggersUnreadable
    case slots, senders, logical, capacityUnreadable, foreignName, namesUnreadable
    case hazard, fatalHazard
    case writer, writersUnreadable
    case uncopied, noTable
    case slotLost, slotInvalid, slotUnreserved, diskFull, diskUnknown, setAside, stopped, stashed
    case slotUnread, slotOld, streamUnknown, columnType, choiceRight, comparedLongAgo
    case behind, notCatchingUp, lagUnknown, captureOld, applyOld, roleStopped, roleAbsent, paused

    /// Plants the fault; returns the gates that must not be green.
    func plant(in sample: inout GateSample, _ way: Int) -> [GateName] {
        let unreadable = ServerReadings.Unreadable(reason: "permission denied", remedy: "grant it")
        switch self {
        case .index:
            sample.spoil(.index, way)
            return [.indexes]
        case .constraint:
            sample.spoil(.constraint, way)
            return [.constraints]
        case .notNull:
            sample.spoil(.notNull, way)
            return [.constraints]
        case .trigger:
            sample.spoil(.trigger, way)
            return [.triggers]
        case .rule:
            sample.changeObjects { $0.append(GateSample.object(.rule, "r", "CREATE RULE r")) }
            return [.triggers]
        case .view:
            sample.spoil(.view, way)
            return [.views]
        case .defaultValue:
            sample.spoil(.defaultValue, way)
            return [.defaults]
        case .column:
            sample.facts.destinationCatalog?.facts?.shapes = []
            return [.tables]
        case .columnType:
            sample.facts.destinationCatalog?.facts?.shapes = [
                TableShape(
                    name: GateSample.item,
                    columns: [TableShape.Column(name: "id", typeOID: 25, typeText: "text")])
            ]
            return [.tables]
        case .choiceRight:
            let choice: ServerReadings.Choice = [.databaseFence, .tableFence, .disconnection][way % 3]
            let options = sample.facts.options
            sample.facts.options = CutoverOptions(
                to: options.to, prepareForFallBack: options.prepareForFallBack, verify: options.verify,
                disconnectSessions: choice == .disconnection,
                fence: choice == .tableFence ? .tables : .database)
            sample.changeOrigin {
                $0.rights.append(
                    .init(
                        step: "s", right: "r", isGranted: false, isOptional: choice != .tableFence,
                        onlyFor: choice, remedy: "g"))
            }
            return [.sourceRights]
        case .comparedLongAgo:
            sample.facts.options.verify = false
            sample.facts.comparedAt = GateSample.now + (way % 2 == 0 ? -90_000 : 90_000)
            return [.verification]
        case .sequence:
            let own = SequenceDefinition(
                name: "public.s", generates: [SequenceColumn(table: GateSample.item, name: "id")])
            sample.facts.originCatalog?.facts?.sequences = [own]
            sample.facts.originCatalog?.facts?.values = [
                SequenceValue(name: own.name, lastValue: 5, isCalled: true, definition: own)
            ]
            return [.sequences]
        case .originUnread:
            sample.facts.origin = nil
            return [.sourceAnswers, .sourceRights, .writers]
        case .destinationUnread:
            sample.facts.destination = nil
            return [
                .targetAnswers, .targetRights, .replicaIdentity, .streaming, .capacity, .names,
                .alwaysTriggers,
            ]
        case .originOld:
            sample.facts.origin?.readAt -= 60
            return [.sourceAnswers, .sourceRights, .writers]
        case .destinationOld:
            sample.facts.destination?.readAt -= 60
            return [
                .targetAnswers, .targetRights, .replicaIdentity, .streaming, .capacity, .names,
                .alwaysTriggers,
            ]
        case .catalogOld:
            sample.facts.destinationCatalog?.readAt -= 60
            return [.tables, .indexes, .constraints, .triggers, .sequences, .views, .defaults]
        case .catalogUnread:
            sample.facts.originCatalog?.facts = nil
            return [.tables, .indexes, .constraints, .triggers, .sequences, .views, .defaults]
        case .originAway:
            sample.facts.origin?.facts = nil
            sample.facts.origin?.isAway = true
            return [.sourceAnswers, .sourceRights, .writers]
        case .destinationAway:
            sample.facts.destination?.facts = nil
            sample.facts.destination?.isAway = true
            return [.targetAnswers, .targetRights, .capacity]
        case .originRight:
            sample.changeOrigin {
                $0.rights.append(.init(step: "s", right: "r", isGranted: false, remedy: "g"))
            }
            return [.sourceRights]
        case .destinationRight:
            sample.changeDestination {
                $0.rights.append(
                    .init(
                        step: "s", right: "r", isGranted: false, isOptional: way % 2 == 0,
                        onlyFor: .fallBack, remedy: "g"))
            }
            return [.targetRights]
        case .rightsUnreadable:
            sample.changeOrigin { $0.unreadable[.rights] = unreadable }
            return [.sourceRights]
        case .identity:
            sample.changeDestination {
                $0.lacks = [
                    TableIdentity.Lack(name: GateSample.item, found: "none", wanted: "full", remedy: "m")
                ]
            }
            return [.replicaIdentity]
        case .identitiesUnreadable:
            sample.changeDestination { $0.unreadable[.identities] = unreadable }
            return [.replicaIdentity]
        case .alwaysTrigger:
            sample.changeDestination {
                $0.alwaysTriggers = [AlwaysTrigger(kind: .trigger, table: GateSample.item, name: "t")]
            }
            return [.alwaysTriggers]
        case .triggersUnreadable:
            sample.changeDestination { $0.unreadable[.triggers] = unreadable }
            return [.alwaysTriggers]
        case .slots:
            sample.changeDestination { $0.freeSlots = 0 }
            return [.capacity]
        case .senders:
            sample.changeDestination { $0.freeSenders = 0 }
            return [.capacity]
        case .logical:
            sample.changeDestination { $0.isLogical = false }
            return [.capacity]
        case .capacityUnreadable:
            sample.changeDestination { $0.unreadable[.capacity] = unreadable }
            return [.streaming, .capacity]
        case .hazard:
            sample.changeDestination { $0.hazards = [.init(words: "w", remedy: "r", isFatal: false)] }
            return [.streaming]
        case .fatalHazard:
            sample.changeDestination { $0.hazards = [.init(words: "w", remedy: "r", isFatal: true)] }
            return [.streaming]
        case .foreignName:
            sample.changeDestination { $0.foreign = [.init(words: "slot s", remedy: "drop it")] }
            return [.names]
        case .namesUnreadable:
            sample.changeDestination { $0.unreadable[.names] = unreadable }
            return [.names]
        case .writer:
            sample.changeOrigin {
                $0.writers = [OpenWriter(processID: "7", user: "u", application: "a", ageSeconds: 3)]
            }
            return [.writers]
        case .writersUnreadable:
            sample.changeOrigin { $0.unreadable[.writers] = unreadable }
            return [.writers]
        case .uncopied:
            sample.facts.uncopied = [GateSample.item]
            return [.snapshot]
        case .noTable:
            sample.facts.tables = []
            return [.snapshot, .tables]
        case .slotLost, .slotInvalid, .slotUnreserved, .diskFull, .diskUnknown, .setAside, .stopped,
            .stashed, .slotUnread, .slotOld, .streamUnknown, .behind, .notCatchingUp, .lagUnknown,
            .captureOld, .applyOld, .roleStopped, .roleAbsent,
            .paused:
            return plantInStream(&sample, way)
        }
    }

    private func plantInStream(_ sample: inout GateSample, _ way: Int) -> [GateName] {
        switch self {
        case .slotLost:
            sample.facts.stream?.capture?.walStatus = "lost"
            return [.slot]
        case .slotInvalid:
            sample.facts.stream?.capture?.slotInvalidation = "wal_removed"
            return [.slot]
        case .slotUnread:
            sample.facts.stream?.capture?.slotReadAt = nil
            return [.slot]
        case .slotOld:
            sample.facts.stream?.capture?.slotReadAt? -= 120
            return [.slot]
        case .streamUnknown:
            sample.facts.stream = nil
            return [.running, .slot, .disk, .setAside, .incidents, .lag]
        case .slotUnreserved:
            sample.facts.stream?.capture?.walStatus = "unreserved"
            return [.slot]
        case .diskFull:
            sample.facts.stream?.capture?.diskFreeBytes = Int64(way % 512) << 20
            return [.disk]
        case .diskUnknown:
            sample.facts.stream?.capture?.diskFreeBytes = nil
            return [.disk]
        case .setAside:
            sample.facts.stream?.tablesRefusal = "public.item is set aside"
            return [.setAside]
        case .stopped:
            sample.facts.stream?.incidents = IncidentCounts(stopped: 1)
            return [.incidents]
        case .stashed:
            sample.facts.stream?.incidents = IncidentCounts(stashed: 1)
            return [.incidents]
        case .behind:
            sample.facts.stream?.remainingEvents = 1001 + Int64(way)
            return [.lag]
        case .notCatchingUp:
            sample.facts.stream?.timeToCatchUp = .notCatchingUp
            return [.lag]
        case .lagUnknown:
            sample.facts.stream?.remainingEvents = nil
            return [.lag]
        case .captureOld:
            sample.facts.stream?.capture?.publishedAt -= 30
            return [.running, .slot, .disk, .lag]
        case .applyOld:
            sample.facts.stream?.apply?.publishedAt -= 30
            return [.running, .lag]
        case .roleStopped:
            sample.facts.stream?.apply?.state = RoleState(word: .stopped, reason: "r", since: 0)
            return [.running]
        case .roleAbsent:
            sample.facts.stream?.absent = way % 2 == 0 ? [.capture] : [.apply]
            return [.running]
        case .paused:
            sample.facts.isPaused = true
            return [.running]
        default: return []
        }
    }
}
