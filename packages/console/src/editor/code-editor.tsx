import { yaml } from '@codemirror/lang-yaml'
import { Compartment } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { useEffect, useRef } from 'react'
import { useText } from '../i18n/text.ts'
import { consoleTheme } from './code-mirror-theme.ts'
import type { JsonSchema } from './json-schema.ts'
import { schemaExtensions } from './schema-extensions.ts'
import './editor.css'

interface CodeEditorProps {
  readonly text: string
  readonly label: string
  readonly schema: JsonSchema | undefined
  readonly onChange: (text: string) => void
  readonly onSave: () => void
}

/** The YAML editor. What it shows follows `text`; what is typed is told at once. */
export function CodeEditor({ text, label, schema, onChange, onSave }: CodeEditorProps) {
  const { t } = useText()
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const bySchema = useRef(new Compartment())
  const latest = useRef({ onChange, onSave, text })
  useEffect(() => {
    latest.current = { onChange, onSave, text }
  })
  // CodeMirror draws into an element of its own, once
  useEffect(() => {
    if (host.current === null) return undefined
    const save = () => {
      latest.current.onSave()
      return true
    }
    const editor = new EditorView({
      parent: host.current,
      doc: latest.current.text,
      extensions: [
        basicSetup,
        yaml(),
        consoleTheme,
        keymap.of([{ key: 'Mod-s', run: save, preventDefault: true }]),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        bySchema.current.of([]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString())
        }),
      ],
    })
    view.current = editor
    return () => editor.destroy()
  }, [label])
  useEffect(() => {
    view.current?.dispatch({ effects: bySchema.current.reconfigure(schemaExtensions(schema, t)) })
  }, [schema, t, label])
  // a merge or the form changed the text from outside
  useEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.toString() === text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])
  return <div className="code-editor" ref={host} />
}
