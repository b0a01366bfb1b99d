/** The default theme with the fonts of the system: nothing to load before the first word is read. */
import DefaultTheme from "vitepress/theme-without-fonts";
import "./style.css";

export default DefaultTheme;
