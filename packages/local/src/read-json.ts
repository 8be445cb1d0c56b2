import { readFile } from 'node:fs/promises'
import type { z } from 'zod'

/** Reads and checks a JSON file. Throws as the file system does, or with what is wrong in it. */
export async function readJsonFile<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(file, 'utf8')))
}

/** The same; a file that is not there or not as expected counts as none. */
export function findJsonFile<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  return readJsonFile(file, schema).catch(() => undefined)
}
