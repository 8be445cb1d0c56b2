import { type MappingAlgorithm, theme, type ThemeConfig } from 'antd'
import { palettes, shape } from './tokens.ts'

/** The component theme, from the same tokens as the stylesheet. */
export function antTheme(mode: 'light' | 'dark', motion: boolean): ThemeConfig {
  const color = palettes[mode]
  // the dark algorithm softens what it is given; the tokens are meant as they are
  const exact: MappingAlgorithm = (seed, derived) => ({
    ...(derived ?? theme.defaultAlgorithm(seed)),
    colorPrimary: color.accent,
    colorInfo: color.accent,
    colorLink: color.accent,
    colorSuccess: color.healthy,
    colorWarning: color.degraded,
    colorError: color.failed,
    colorBgMask: 'rgb(0 0 0 / 28%)',
  })
  return {
    algorithm: [mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm, exact],
    cssVar: { key: 'flotilla' },
    hashed: false,
    token: {
      colorPrimary: color.accent,
      colorInfo: color.accent,
      colorLink: color.accent,
      colorSuccess: color.healthy,
      colorWarning: color.degraded,
      colorError: color.failed,
      colorTextBase: color.text,
      colorBgBase: color.surface,
      colorBgContainer: color.surface,
      colorBgElevated: color.raised,
      colorBgLayout: color.bg,
      colorText: color.text,
      colorTextSecondary: color.muted,
      colorTextTertiary: color.faint,
      colorTextPlaceholder: color.faint,
      colorTextDescription: color.muted,
      colorBorder: color.lineStrong,
      colorBorderSecondary: color.line,
      colorTextLightSolid: color.onAccent,
      fontFamily: shape.sans,
      fontFamilyCode: shape.mono,
      fontSize: shape.fontSize,
      borderRadius: shape.radius,
      controlHeight: shape.row,
      // told to the components rather than switched off in CSS: they wait for the end of a movement before they show
      motion,
      motionUnit: 0.06,
      wireframe: false,
    },
    components: {
      Button: {
        fontWeight: 550,
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        paddingInline: 12,
      },
      Tooltip: { colorBgSpotlight: mode === 'dark' ? color.lineStrong : '#20262f', colorTextLightSolid: '#ffffff' },
      Modal: { titleFontSize: 15 },
      Drawer: { fontSizeLG: 15 },
    },
  }
}
