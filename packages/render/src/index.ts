export * from './types.ts'
export * from './address-guard.ts'
export { createRenderer, type RendererOptions } from './renderer.ts'
