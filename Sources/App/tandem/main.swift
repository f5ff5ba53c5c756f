import TandemApp

// All there is to it: `TandemApp` does the rest.
await Program.run()
