import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { tokensCss } from './src/theme/tokens-css.ts'

const compress = promisify(brotliCompress)

/** Serves the design tokens as a stylesheet, so that CSS and the component theme have one source. */
function designTokens(): Plugin {
  const file = '/__tokens.css'
  return {
    name: 'flotilla-design-tokens',
    resolveId: (id) => (id === 'virtual:tokens.css' ? file : undefined),
    load: (id) => (id === file ? tokensCss() : undefined),
  }
}

/** Writes a Brotli file beside each file that is worth it; the server sends that one. */
function precompress(): Plugin {
  const leastBytes = 1024
  return {
    name: 'flotilla-precompress',
    apply: 'build',
    async writeBundle({ dir = 'dist' }, bundle) {
      await Promise.all(
        Object.keys(bundle)
          .filter((name) => /\.(js|css|html|svg)$/.test(name))
          .map(async (name) => {
            const bytes = await readFile(join(dir, name))
            if (bytes.length >= leastBytes) await writeFile(join(dir, `${name}.br`), await compress(bytes))
          }),
      )
    },
  }
}

/** Address of a running server, for development: FLOTILLA_SERVER=http://127.0.0.1:8080 npm run dev */
const server = process.env['FLOTILLA_SERVER'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), designTokens(), precompress()],
  server: { host: '127.0.0.1', proxy: { '/api': { target: server } } },
  build: {
    target: 'es2024',
    manifest: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      // the model's schemas are pure: what a screen does not use is left out
      treeshake: { moduleSideEffects: (id) => !/packages\/(model|api)\//.test(id) },
    },
  },
})
