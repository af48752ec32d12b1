import PostgresPorts
import Records
import Testing

@Suite struct GrantScriptTests {
    private func script(
        _ service: GrantScript.Service, role: String = "mover", side: Side = .source
    ) -> String {
        GrantScript(
            role: role, side: side, service: service, database: "shop", schemas: ["public", "Odd\"Name"]
        ).text
    }

    @Test func `each service gives the right to replicate in its own way`() {
        #expect(script(.postgresql).contains("\nalter role \"mover\" replication;"))
        #expect(script(.azure).contains("\nalter role \"mover\" replication;"))
        #expect(script(.cloudsql).contains("\nalter role \"mover\" replication;"))
        for service in [GrantScript.Service.rds, .aurora] {
            #expect(script(service).contains("\ngrant rds_replication to \"mover\";"))
            #expect(!script(service).contains("alter role"))
        }
    }

    @Test(arguments: [Side.source, .target], GrantScript.Service.allCases)
    func `names are quoted, and a comment ends at its line`(side: Side, service: GrantScript.Service) {
        let text = script(service, role: "a\"b\n; drop table x; --", side: side)
        #expect(text.contains(#"on all tables in schema "Odd""Name" to "a""b"#))
        // The comments of the head end where their lines do, whatever the role is called.
        let head = text.prefix(upTo: text.firstRange(of: "\n\n")?.lowerBound ?? text.endIndex)
        #expect(head.split(separator: "\n").allSatisfy { $0.hasPrefix("--") }, "\(head)")
        #expect(text.hasSuffix("\n"))
    }
}
