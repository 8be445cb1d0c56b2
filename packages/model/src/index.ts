export * from './errors.ts'
export * from './known.ts'
export * from './objects.ts'
