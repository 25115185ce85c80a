# SPDX-License-Identifier: GPL-2.0-only
# The script and the style sheet of the HTML report: bundled in the build folder, linked into hangar_report.
find_program(NODE node)
find_program(NPM npm)
if(NOT NODE OR NOT NPM)
  message(FATAL_ERROR "node or npm is missing: the build bundles the charting library of the HTML report with them. "
    "Install the Debian packages nodejs and npm (`bash harness/bootstrap build` does), or put both on PATH.")
endif()
set(page ${CMAKE_BINARY_DIR}/report_page)
set(page_source ${CMAKE_CURRENT_SOURCE_DIR}/report)
file(GLOB page_files CONFIGURE_DEPENDS ${page_source}/page/*.js ${page_source}/page/*.css ${page_source}/page/*.mjs)
file(MAKE_DIRECTORY ${page})

# npm_packages(FROM INTO): the file INTO/installed, made by `npm ci` from the lock file in FROM.
function(npm_packages from into)
  set(npm_ci ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/npm_ci.cmake)
  add_custom_command(OUTPUT ${into}/installed
    DEPENDS ${npm_ci} ${from}/package.json ${from}/package-lock.json ${from}/.npmrc
    COMMAND ${CMAKE_COMMAND} -D NPM=${NPM} -D FROM=${from} -D INTO=${into} -P ${npm_ci}
    COMMENT "Installing the npm packages of ${from}")
endfunction()

npm_packages(${page_source} ${page})
add_custom_command(OUTPUT ${page}/bundle.cpp DEPENDS ${page}/installed ${page_files}
  COMMAND ${NODE} ${page_source}/page/build.mjs ${page}
  COMMENT "Bundling the script of the HTML report")
# A literal of more than 64 KiB is beyond what each compiler must support; those in use do.
set_source_files_properties(${page}/bundle.cpp PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
target_sources(hangar_report PRIVATE ${page}/bundle.cpp)
