import { type Command } from './command.js';
/** Lines of `lanewise COMMAND --help`. */
export declare function commandHelp(command: Command): string[];
/** Lines of `lanewise --help`. */
export declare function overview(description: string, commands: readonly Command[]): string[];
