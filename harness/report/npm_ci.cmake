# SPDX-License-Identifier: GPL-2.0-only
# Installs the packages that a package-lock.json names. cmake -D NPM=... -D FROM=FOLDER -D INTO=FOLDER -P npm_ci.cmake
file(COPY ${FROM}/package.json ${FROM}/package-lock.json ${FROM}/.npmrc DESTINATION ${INTO})
execute_process(COMMAND ${NPM} ci --prefer-offline --no-audit --no-fund --ignore-scripts --loglevel=error
  WORKING_DIRECTORY ${INTO} RESULT_VARIABLE status OUTPUT_QUIET)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "npm could not install the packages of ${FROM}/package-lock.json; its message is above. "
    "Is the registry reachable (`npm config get registry`)? Then build again.")
endif()
file(TOUCH ${INTO}/installed)
