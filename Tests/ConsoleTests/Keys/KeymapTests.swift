import Console
import Records
import Support
import Testing

@Suite struct KeymapTests {
    private let keymap = Keymap.standard

    @Test func `every command has exactly one row`() {
        for command in Command.allCases {
            #expect(keymap.bindings.count { $0.command == command } == 1, "\(command)")
        }
    }

    @Test(arguments: PageID.allCases)
    func `no key means two things on one page`(page: PageID) {
        let keys = keymap.bindings(on: page).flatMap(\.keys)
        let twice = Dictionary(grouping: keys) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(twice.isEmpty)
    }

    @Test func `every row has a text for the help, and a key`() {
        #expect(keymap.bindings.allSatisfy { !$0.help.isEmpty && !$0.keys.isEmpty })
    }

    @Test func `an uppercase letter has one meaning everywhere, and asks`() {
        var meanings: [Character: Set<Command>] = [:]
        for binding in keymap.bindings {
            for case .character(let letter) in binding.keys where letter.isUppercase {
                meanings[letter, default: []].insert(binding.command)
                #expect(binding.effect == .asks, "\(binding.command)")
            }
        }
        #expect(meanings.values.allSatisfy { $0.count == 1 })
        for binding in keymap.bindings where binding.effect == .asks {
            #expect(
                binding.keys.allSatisfy {
                    if case .character(let letter) = $0 { letter.isUppercase } else { false }
                },
                "\(binding.command)")
        }
    }

    @Test func `a key that names a page has a meaning there`() {
        let pages: [any Page] = [
            MigrationsPage(), DashboardPage(), TablesPage(), LogPage(), AlertsPage(), IncidentsPage(),
            ConnectionPage(), SchemaPage(), LivePage(), CutoverPage(), VerificationPage(), SettingsPage(),
            EndPage(), TableChoicePage(), DifferencesPage(), SessionsPage(), ThemesPage(),
            FileChangePage(
                FakeMigration.findings[0], SchemaReview(FakeMigration.analysis, SchemaDecisions())),
        ]
        let data = ConsoleData(status: FakeMigration.streaming().status, now: 0)
        for binding in keymap.bindings {
            // Freezing is the console's own: it means the same on every page.
            guard binding.command != .freeze else { continue }
            for id in binding.pages {
                let page = pages.first { $0.id == id }
                let refusal = page?.refusal(of: binding.command, data) ?? ""
                #expect(page != nil && !refusal.contains("does nothing"), "\(binding.command) on \(id)")
            }
        }
    }

    @Test func `two commands with one key on one page are a conflict`() {
        #expect(keymap.conflict == nil)
        let other = keymap.replacing([.sort: [.character("/")]])
        #expect(other.conflict?.key == .character("/"))
    }

    @Test func `a filter takes plain text, its absence, and letters in order`() {
        #expect(Filter("Item").matches("public.item"))
        #expect(!Filter("!item").matches("public.item") && Filter("!item").matches("public.other"))
        #expect(Filter("~pit").matches("public.item") && !Filter("~tip").matches("public.it"))
        #expect(Filter("!").matches("x") && Filter("").matches("x"))
    }
}
