export { runAgent } from './run-agent.ts'
