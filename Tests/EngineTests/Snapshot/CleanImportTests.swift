import Journal
import Records
import Testing

@testable import Engine

@Suite struct CleanImportTests {
    private func chunk(imported: Bool, file: String?) -> StoredChunk {
        StoredChunk(
            table: QualifiedName(schema: "public", name: "t"), generation: 1, number: 0,
            leaf: QualifiedName(schema: "public", name: "t"), firstPage: 0, endPage: nil, filePath: file,
            isExported: true, isImported: imported)
    }

    @Test(arguments: Phase.allCases)
    func `the import begins again only until the first change is applied`(phase: Phase) throws {
        let record = try MigrationRecord.example(in: phase)
        let refusal = CleanImport.refusal(record, [chunk(imported: true, file: "data/t")])
        switch phase {
        case .prepare, .schema, .snapshot: #expect(refusal == nil)
        case .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
            #expect(refusal?.contains("end migration") == true)
        }
    }

    @Test func `rows that were copied directly have no file to import them from again`() throws {
        let record = try MigrationRecord.example(in: .snapshot)
        let refusal = CleanImport.refusal(record, [chunk(imported: true, file: nil)])
        #expect(refusal?.contains("copied directly") == true)
        #expect(refusal?.contains("export data from source --start-clean true") == true)
        #expect(CleanImport.refusal(record, [chunk(imported: false, file: nil)]) == nil)
    }
}
