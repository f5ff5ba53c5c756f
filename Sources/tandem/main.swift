import TandemApp

await Program.run()
