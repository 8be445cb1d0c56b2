import { runAgent } from './run-agent.ts'

// what the image starts: the agent and nothing else
process.exitCode = await runAgent(process.argv.slice(2))
