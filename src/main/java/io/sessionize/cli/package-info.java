/**
 * Defines the commands, their options, output and exit codes. It may use every other package, and
 * none uses it. Start reading at {@link io.sessionize.cli.Main}: {@link
 * io.sessionize.cli.TableCommand} is the skeleton of the commands, and each option is defined in
 * {@link io.sessionize.cli.Opt}.
 */
package io.sessionize.cli;
