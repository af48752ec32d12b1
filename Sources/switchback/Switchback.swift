import ArgumentParser
@main struct Switchback: ParsableCommand { func run() throws {} }
