/** Looking at what the tables say, without changing them. */
package io.sessionize.audit;
