import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { tokensCss } from './src/theme/tokens-css.ts'

/** Serves the design tokens as a stylesheet, so that CSS and the component theme have one source. */
function designTokens(): Plugin {
  const file = '/__tokens.css'
  return {
    name: 'flotilla-design-tokens',
    resolveId: (id) => (id === 'virtual:tokens.css' ? file : undefined),
    load: (id) => (id === file ? tokensCss() : undefined),
  }
}

/** Address of a running server, for development: FLOTILLA_SERVER=http://127.0.0.1:8080 npm run dev */
const server = process.env['FLOTILLA_SERVER'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), designTokens()],
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
