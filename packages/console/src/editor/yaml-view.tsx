import { yaml } from '@codemirror/lang-yaml'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { consoleTheme } from './code-mirror-theme.ts'
import './editor.css'

/** YAML to read: coloured, with line numbers; nothing can be typed. */
export function YamlView({ text, label }: { text: string; label: string }) {
  const host = useRef<HTMLDivElement>(null)
  // CodeMirror draws into an element of its own
  useEffect(() => {
    if (host.current === null) return undefined
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          yaml(),
          lineNumbers(),
          consoleTheme,
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({
            tabindex: '0',
            'aria-label': label,
            'aria-readonly': 'true',
            role: 'textbox',
            'aria-multiline': 'true',
          }),
        ],
      }),
    })
    return () => view.destroy()
  }, [text, label])
  return <div className="yaml-view" ref={host} />
}
