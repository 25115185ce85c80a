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
set(page_packages ${page_source}/package.json ${page_source}/package-lock.json ${page_source}/.npmrc)
file(MAKE_DIRECTORY ${page})
add_custom_command(OUTPUT ${page}/installed DEPENDS ${page_packages} WORKING_DIRECTORY ${page}
  COMMAND ${CMAKE_COMMAND} -E copy ${page_packages} ${page}
  COMMAND ${NPM} ci --prefer-offline --no-audit --no-fund --ignore-scripts --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${page}/installed
  COMMENT "Installing the charting library of the HTML report (npm ci)")
add_custom_command(OUTPUT ${page}/bundle.cpp DEPENDS ${page}/installed ${page_files}
  COMMAND ${NODE} ${page_source}/page/build.mjs ${page}
  COMMENT "Bundling the script of the HTML report")
# A literal of more than 64 KiB is beyond what each compiler must support; those in use do.
set_source_files_properties(${page}/bundle.cpp PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
target_sources(hangar_report PRIVATE ${page}/bundle.cpp)
