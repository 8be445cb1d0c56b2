export { runServe } from './run-serve.ts'
export { serve, type ServeContext } from './serve.ts'
export { parseServeOptions, type ServeOptions } from './serve-options.ts'
